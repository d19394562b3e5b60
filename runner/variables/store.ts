import type { HashBehaviour } from '../dicts.ts';
import type { InventoryHost } from '../inventory/inventory.ts';
import { rulesOfPlay } from '../language/play-rules.ts';
import type { PlayNode, RoleNode } from '../language/tree.ts';
import { lazyMapping } from '../lazy-mapping.ts';
import type { TemplateRules } from '../template/rules.ts';
import type { Scope, TemplateContext } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import { ConnectionFallback } from './connection-fallback.ts';
import { addFacts, noFacts } from './facts.ts';
import { HostLayers } from './host-layers.ts';
import { HostStates } from './host-states.ts';
import type { Layer } from './layer.ts';
import { finished, lazyLayer, written } from './layer.ts';
import type { MagicCommons } from './magic.ts';
import { MagicVariables, scopeView } from './magic.ts';
import type { NodeVariables } from './node-variables.ts';
import { nodeVariables } from './node-variables.ts';
import { PlayVariables } from './play-variables.ts';
import { ReservedNames } from './reserved-names.ts';
import { folderOfPlay, searchPathOf } from './search-path.ts';
import { learnLayers, learnVariables } from './secret-variables.ts';
import { type ScopeCommons, TaskScope } from './task-scope.ts';
import type { PlayState, TaskScopeInput, VariableStore, VariableStoreOptions } from './variables.ts';

/** Makes the store of a run's variables. */
export function createVariableStore(options: VariableStoreOptions): VariableStore {
  return new Store(options);
}

class Store implements VariableStore {
  readonly #options: VariableStoreOptions;
  readonly #behaviour: HashBehaviour;
  readonly #extra: Layer;
  readonly #hostLayers: HostLayers;
  readonly #hosts: HostStates;
  readonly #plays = new WeakMap<PlayNode, PlayVariables>();
  #nodes = new WeakMap<object, NodeVariables>();
  readonly #folders = new WeakMap<object, readonly string[]>();
  readonly #reserved: ReservedNames;
  readonly #hostvars: Mapping;
  readonly #commons: MagicCommons;
  /** What all scopes are made with. */
  readonly #common: ScopeCommons;
  readonly #hostViews = new Map<string, { readonly scope: TaskScope; readonly view: Mapping }>();
  /** Another list once add_host or group_by changed the inventory. */
  #knownHosts: readonly InventoryHost[] | undefined;
  #current: PlayVariables | undefined;
  /** Of the play that runs; before one does, of the first playbook. */
  #playbookFolder: string;
  #rules: TemplateRules | undefined;

  constructor(options: VariableStoreOptions) {
    this.#options = options;
    this.#behaviour = options.hashBehaviour ?? 'replace';
    this.#hosts = new HostStates(this.#behaviour);
    this.#extra = written(options.extraVars);
    this.#reserved = new ReservedNames(options.warn);
    this.#reserved.check(options.extraVars);
    this.#hostLayers = new HostLayers(options.inventory, options.playbookFolder, this.#behaviour);
    this.#hostvars = lazyMapping({
      get: (name) => this.#hostView(name),
      has: (name) => options.inventory.host(name) !== undefined,
      // The implicit localhost can be asked for, but is not listed.
      keys: () => options.inventory.hosts.keys(),
    });
    this.#playbookFolder = options.playbookFolder;
    const { inventory, templar, run, secrets } = options;
    const playbookFolder = () => this.#playbookFolder;
    const rules = () => this.#rules;
    this.#common = { mergesDicts: this.#behaviour === 'merge', templar, playbookFolder, secrets, rules };
    const groups = () => this.#groups();
    this.#commons = { inventory, templar, run, playbookFolder, hostvars: this.#hostvars, groups };
  }

  scope(input: TaskScopeInput): Scope {
    return this.#scope(input);
  }

  context(input: TaskScopeInput): TemplateContext {
    return this.#scope(input).context;
  }

  readFiles(hosts: boolean, plays: readonly PlayNode[]): void {
    this.#hostLayers.readFiles(hosts, new Set([this.#options.playbookFolder, ...plays.map(folderOfPlay)]));
  }

  startPlay(play: PlayNode, state: PlayState): void {
    this.#current = this.#playVariables(play);
    this.#current.start(state);
    this.#playbookFolder = folderOfPlay(play);
    this.#rules = rulesOfPlay(play.keywords.vars);
    this.#hostLayers.enter(this.#playbookFolder);
    this.#hostViews.clear();
    this.#reserved.check(play.keywords.vars ?? {});
    this.#reserved.check(state.prompted);
    const { templar, secrets } = this.#options;
    // Files that cannot be read are reported now, not by whichever task looks for a variable first.
    for (const host of state.allHosts)
      learnLayers(this.#belowFiles(host, this.#current), templar, secrets, () => this.#scope({ host, play }));
  }

  setFacts(host: string, facts: Mapping): void {
    const state = this.#hosts.of(host);
    state.facts = addFacts(state.facts, facts);
    this.#changed(host);
  }

  clearFacts(host: string): void {
    this.#hosts.of(host).facts = noFacts;
    this.#changed(host);
  }

  setHostVariables(host: string, variables: Mapping): void {
    this.#reserved.check(variables);
    learnVariables(variables, this.#options.secrets);
    this.#hosts.of(host).set.add(variables);
    this.#changed(host);
  }

  setIncludedVariables(host: string, variables: Mapping): void {
    this.#reserved.check(variables);
    learnVariables(variables, this.#options.secrets);
    this.#hosts.of(host).included.add(variables);
    this.#changed(host);
  }

  exposeRole(node: RoleNode): void {
    if (node.public) this.#current?.expose(node);
  }

  #scope(input: TaskScopeInput): TaskScope {
    const { host, play, node, loopVars, delegate } = input;
    const { connectionFlags: flags } = this.#options;
    const variables = this.#playVariables(play);
    const commons = this.#commons;
    const place = this.#nodeVariables(node);
    const folders = this.#searchPath(input, place);
    // No spread: objects that are made with one have a hidden class each, and there are two scopes for each item of a loop.
    return new TaskScope({
      common: this.#common,
      loopVars,
      searchPath: folders,
      fallback: node && flags && new ConnectionFallback({ commons, node, play, flags }),
      layers: (scope) => this.#layers(host, variables, place, scope),
      magic: (scope) =>
        new MagicVariables({
          commons,
          host,
          scope,
          play,
          variables,
          node,
          delegate,
          roles: place.roles,
          searchPath: folders,
        }),
      delegate: delegate === undefined ? undefined : () => this.#scope({ host: delegate, play, node, loopVars }),
    });
  }

  /** All layers of a task, highest first: facts/ansible.md's order of precedence. */
  #layers(host: string, variables: PlayVariables, place: NodeVariables, scope: TaskScope): readonly Layer[] {
    const below = this.#belowFiles(host, variables);
    const state = this.#hosts.of(host);
    return [
      this.#extra,
      ...place.includeParams,
      ...place.roleParams,
      state.set,
      state.included,
      ...place.vars,
      ...place.roleVars,
      ...variables.roleVars(),
      ...this.#varsFiles(host, variables, place, scope),
      ...below,
      ...place.roleDefaults,
      ...variables.roleDefaults(),
    ];
  }

  #varsFiles(host: string, variables: PlayVariables, place: NodeVariables, scope: TaskScope): Layer[] {
    if (variables.varsFiles.isEmpty) return [];
    const lower = [...this.#belowFiles(host, variables), ...place.roleDefaults, ...variables.roleDefaults()];
    const state = this.#hosts.of(host);
    return [
      lazyLayer(() =>
        variables.varsFiles.dict(
          (files) => this.#scopeOf(host, variables, [this.#extra, ...files, ...lower], scope.context.searchPath),
          state.facts !== noFacts,
        ),
      ),
    ];
  }

  /** Prompts' answers, the play's vars, facts, and what the inventory gives; the same list until some of it changes. */
  #belowFiles(host: string, variables: PlayVariables): readonly Layer[] {
    const { facts } = this.#hosts.of(host);
    const given = this.#hostLayers.of(host);
    const known = variables.lowerLayers.get(host);
    if (known && known.facts === facts && known.given === given) return known.layers;
    const layers = [...variables.ownLayers(), finished(facts.variables), ...given];
    variables.lowerLayers.set(host, { facts, given, layers });
    return layers;
  }

  /** A scope for names of vars_files. */
  #scopeOf(host: string, variables: PlayVariables, layers: readonly Layer[], folders: readonly string[]): TaskScope {
    return new TaskScope({
      common: this.#common,
      searchPath: folders,
      layers: () => layers,
      magic: (scope) =>
        new MagicVariables({
          commons: this.#commons,
          host,
          scope,
          play: variables.play,
          variables,
          roles: [],
          searchPath: folders,
        }),
    });
  }

  /** A host as `hostvars` shows it: without what belongs to the play, its roles and tasks. */
  #hostView(name: string): Mapping | undefined {
    const { inventory } = this.#options;
    const playbookFolder = this.#playbookFolder;
    const hosts = inventory.hostsOf(inventory.groups.get('all')!);
    if (hosts !== this.#knownHosts) this.#hostViews.clear();
    this.#knownHosts = hosts;
    const known = this.#hostViews.get(name);
    if (known?.scope.reusable) return known.view;
    if (!inventory.host(name)) return undefined;
    const state = this.#hosts.of(name);
    const scope = new TaskScope({
      common: this.#common,
      searchPath: [playbookFolder],
      layers: () => [
        this.#extra,
        state.set,
        state.included,
        finished(state.facts.variables),
        ...this.#hostLayers.of(name),
      ],
      magic: (scope) =>
        new MagicVariables({ commons: this.#commons, host: name, scope, roles: [], searchPath: [playbookFolder] }),
    });
    const view = scopeView(scope);
    this.#hostViews.set(name, { scope, view });
    return view;
  }

  #groups(): Mapping {
    const { inventory } = this.#options;
    return lazyMapping({
      get: (name) => inventory.hostsOf(inventory.groups.get(name)!).map((host) => host.name),
      has: (name) => inventory.groups.has(name),
      keys: () => inventory.groups.keys(),
    });
  }

  #playVariables(play: PlayNode): PlayVariables {
    let variables = this.#plays.get(play);
    if (!variables) {
      variables = new PlayVariables(play, this.#options.playbookFolder, this.#options.templar, this.#behaviour);
      this.#plays.set(play, variables);
    }
    return variables;
  }

  #nodeVariables(node: TaskScopeInput['node']): NodeVariables {
    if (!node) return nodeVariables(undefined);
    let variables = this.#nodes.get(node);
    if (!variables) {
      variables = nodeVariables(node, this.#behaviour);
      this.#nodes.set(node, variables);
    }
    return variables;
  }

  #searchPath({ node, play }: TaskScopeInput, place: NodeVariables): readonly string[] {
    const known = this.#folders.get(node ?? play);
    if (known) return known;
    const folders = searchPathOf(node, place.roles, play, this.#options.playbookFolder);
    this.#folders.set(node ?? play, folders);
    return folders;
  }

  /** What was rendered of a host for `hostvars` may be outdated. */
  #changed(host: string): void {
    this.#hostViews.delete(host);
  }
}
