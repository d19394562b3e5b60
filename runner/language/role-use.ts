import type { Position } from '../position.ts';
import { booleanWord } from '../python/truth-words.ts';
import { type Mapping, mapping } from '../value.ts';
import { isTemplate } from './check-templates.ts';
import { scalarText } from './fields.ts';
import { kindOf, type Loading, placeIn, type RoleUse } from './loading.ts';

const fromNames = {
  tasks_from: 'tasksFrom',
  vars_from: 'varsFrom',
  defaults_from: 'defaultsFrom',
  handlers_from: 'handlersFrom',
} as const;

/** The role that import_role or include_role asks for by its arguments. */
export function roleUseOf(
  loading: Loading,
  name: string,
  args: Mapping,
  via: 'import_role' | 'include_role',
  position: Position,
): RoleUse {
  const from: { -readonly [K in (typeof fromNames)[keyof typeof fromNames]]?: string } = {};
  for (const [key, field] of Object.entries(fromNames)) {
    const value = args[key];
    if (value === undefined || value === null) continue;
    const text = scalarText(value);
    if (text !== undefined && !(via === 'import_role' && isTemplate(loading, text))) from[field] = text;
    else {
      const place = placeIn(args, key, position);
      loading.add({
        code: 'argument',
        message: `"${key}" must be the name of a file, not ${kindOf(value)}.`,
        position: place,
      });
    }
  }
  return {
    name,
    position,
    via,
    keywords: { tags: [], when: [] },
    params: mapping(),
    ...from,
    allowDuplicates: flag(args, 'allow_duplicates', true),
    public: via === 'import_role' || flag(args, 'public', false),
  };
}

function flag(args: Mapping, name: string, otherwise: boolean): boolean {
  const value = args[name];
  if (value === undefined || value === null) return otherwise;
  return booleanWord(scalarText(value) ?? '') ?? otherwise;
}
