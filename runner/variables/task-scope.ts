import { KplayError } from '../errors.ts';
import { type Position, placeOfKey, placeOfValue, rememberPlace } from '../position.ts';
import type { SecretRegister } from '../secrets/register.ts';
import type { TemplateRules } from '../template/rules.ts';
import type { Scope, Templar, TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import type { Layer } from './layer.ts';
import type { MagicVariables } from './magic.ts';
import { mergedValue, writtenValue } from './merged-values.ts';
import { isPlain, isVolatile, renderVariable } from './render.ts';
import { learnVariable } from './secret-variables.ts';

/** What all scopes of a run have in common. */
export interface ScopeCommons {
  readonly templar: Templar;
  /** The folder of the playbook that the running play stands in. */
  readonly playbookFolder: () => string;
  readonly secrets: SecretRegister;
  /** The rules of templates that the running play chooses; undefined where it does not. */
  readonly rules: () => TemplateRules | undefined;
  /** Whether dicts of the same name in several layers are joined. */
  readonly mergesDicts: boolean;
}

/** What a scope is made of. */
export interface ScopeParts {
  readonly common: ScopeCommons;
  readonly searchPath: readonly string[];
  /** item and the like, above everything. */
  readonly loopVars?: Mapping | undefined;
  magic(scope: TaskScope): MagicVariables;
  /** Highest first. */
  layers(scope: TaskScope): readonly Layer[];
  readonly fallback?: ScopeFallback | undefined;
  /** Where the variables for the connection come from in a delegated task. */
  readonly delegate?: (() => TaskScope) | undefined;
}

/** Variables that are there for templates though no layer has them. */
export interface ScopeFallback {
  /** Names that say the same as this one; none for a name that there is no fallback for. */
  related(name: string): readonly string[];
  get(name: string, scope: TaskScope): Value | undefined;
}

const noVariables: Mapping = mapping();

/** The variables of one task on one host. Everything is found, rendered and remembered when it is asked for. */
export class TaskScope implements Scope {
  readonly #parts: ScopeParts;
  readonly #common: ScopeCommons;
  readonly #loopVars: Mapping;
  readonly #found = new Map<string, Value | undefined>();
  /** Variables that are being rendered, the outermost first; none is made for the many scopes that render none. */
  #rendering: string[] | undefined;
  readonly #context: TemplateContext;
  #magic: MagicVariables | undefined;
  #layers: readonly Layer[] | undefined;
  #delegate: TaskScope | undefined;
  #volatile = false;
  /** Names whose fallback is being found. */
  #fallingBack: string[] | undefined;

  constructor(parts: ScopeParts) {
    this.#parts = parts;
    this.#common = parts.common;
    this.#loopVars = parts.loopVars ?? noVariables;
    const { common, searchPath } = parts;
    this.#context = { scope: this, searchPath, playbookFolder: common.playbookFolder(), rules: common.rules() };
  }

  get context(): TemplateContext {
    return this.#context;
  }

  /** The scope that variables for the connection are taken from: the delegate's, or this one. */
  get connection(): TaskScope {
    if (!this.#parts.delegate) return this;
    this.#delegate ??= this.#parts.delegate();
    return this.#delegate;
  }

  /**
   * Whether what was rendered still holds later on, as long as the host's variables stay the same. A scope that is
   * rendering counts as such, so that a variable that comes back to itself is found.
   */
  get reusable(): boolean {
    return !this.#volatile || (this.#rendering?.length ?? 0) > 0;
  }

  /** Says that what is rendered here rests on more than the host's own variables. */
  markVolatile(): void {
    this.#volatile = true;
  }

  /** Throws KplayError `variables` for a variable that is defined by itself, and what rendering throws. */
  get(name: string): Value | undefined {
    if (this.#found.has(name)) return this.#found.get(name);
    const value = this.#find(name);
    learnVariable(name, value, this.#common.secrets);
    this.#found.set(name, value);
    return value;
  }

  has(name: string): boolean {
    return (
      Object.hasOwn(this.#loopVars, name) ||
      this.#magicVariables().has(name) ||
      this.#allLayers().some((layer) => Object.hasOwn(layer.dict(), name)) ||
      this.#fallBack(name) !== undefined
    );
  }

  /**
   * Those of the names that some layer or loop has a variable for, each with its value where that is written without a
   * template. Magic variables are not looked at.
   */
  held(names: ReadonlySet<string>): ReadonlyMap<string, Value | undefined> {
    const found = new Map<string, Value | undefined>();
    for (const name of Object.keys(this.#loopVars)) if (names.has(name)) found.set(name, this.#loopVars[name]);
    for (const layer of this.#allLayers()) {
      for (const name of layer.held(names)) {
        if (found.has(name)) continue;
        const value = layer.dict()[name]!;
        found.set(name, layer.finished || isPlain(value, this.#common.templar) ? value : undefined);
      }
    }
    return found;
  }

  place(name: string): Position | undefined {
    const holder = this.#allLayers().find((layer) => Object.hasOwn(layer.dict(), name));
    return holder && placeOfValue(holder.dict(), name);
  }

  names(): Iterable<string> {
    const names = new Set([...Object.keys(this.#loopVars), ...this.#magicVariables().names()]);
    for (const layer of this.#allLayers()) for (const name of Object.keys(layer.dict())) names.add(name);
    return names;
  }

  #find(name: string): Value | undefined {
    if (Object.hasOwn(this.#loopVars, name)) return this.#loopVars[name];
    const magic = this.#magicVariables();
    if (magic.has(name)) return magic.get(name);
    const layers = this.#allLayers();
    for (let index = 0; index < layers.length; index++) {
      const layer = layers[index]!;
      const dict = layer.dict();
      if (!Object.hasOwn(dict, name)) continue;
      if (this.#common.mergesDicts && isMapping(dict[name])) return this.#merged(name, layers.slice(index));
      return layer.finished ? dict[name] : this.#render(name, dict);
    }
    return this.#fallBack(name);
  }

  /** The dict that layers have together, the first of them having one. */
  #merged(name: string, layers: readonly Layer[]): Value {
    const [highest] = layers as [Layer];
    const dict = highest.dict();
    const value = mergedValue(name, layers, this.#common.templar)!;
    if (value === dict[name]) return highest.finished ? value : this.#render(name, dict);
    const holder = mapping([[name, value]]);
    const place = placeOfValue(dict, name);
    if (place) rememberPlace(holder, name, place, placeOfKey(dict, name));
    return this.#render(name, holder);
  }

  /** A variable as it is written, text that is no template marked as such. Undefined where no layer has it. */
  written(name: string): Value | undefined {
    const find = this.#common.mergesDicts ? mergedValue : writtenValue;
    return find(name, this.#allLayers(), this.#common.templar);
  }

  trustedText(name: string): string | undefined {
    if (Object.hasOwn(this.#loopVars, name) || this.#magicVariables().has(name)) return undefined;
    const layer = this.#allLayers().find((one) => Object.hasOwn(one.dict(), name));
    const value = layer?.dict()[name];
    if (layer === undefined || layer.finished || typeof value !== 'string') return undefined;
    return this.#common.templar.isTemplate(value) ? undefined : value;
  }

  #fallBack(name: string): Value | undefined {
    const related = this.#parts.fallback?.related(name) ?? [];
    if (related.length === 0) return undefined;
    // What a variable or keyword of the same sort is being made of cannot rest on itself.
    const busy = [...(this.#rendering ?? []), ...(this.#fallingBack ?? [])];
    if (busy.some((other) => related.includes(other))) return undefined;
    this.#fallingBack ??= [];
    this.#fallingBack.push(name);
    try {
      return this.#parts.fallback!.get(name, this);
    } finally {
      this.#fallingBack.pop();
    }
  }

  #render(name: string, dict: Mapping): Value {
    const value = dict[name]!;
    const { templar } = this.#common;
    if (isPlain(value, templar)) return value;
    const position = placeOfValue(dict, name);
    this.#rendering ??= [];
    const rendering = this.#rendering;
    if (rendering.includes(name)) {
      const chain = [...rendering.slice(rendering.indexOf(name)), name].join(' -> ');
      throw new KplayError({
        code: 'variables',
        message: `The variable '${name}' is defined by itself: ${chain}`,
        position,
        hint: 'Give one of them another name; a default belongs into a role\'s defaults or into "| default(…)".',
      });
    }
    if (isVolatile(value, templar)) this.#volatile = true;
    rendering.push(name);
    try {
      return renderVariable(name, value, position, templar, this.#context);
    } finally {
      rendering.pop();
    }
  }

  #magicVariables(): MagicVariables {
    this.#magic ??= this.#parts.magic(this);
    return this.#magic;
  }

  #allLayers(): readonly Layer[] {
    this.#layers ??= this.#parts.layers(this);
    return this.#layers;
  }
}
