import { KplayError } from '../errors.ts';
import { placeOfValue } from '../position.ts';
import { readRules, rulesWanted, type TemplateRules } from '../template/rules.ts';
import type { Mapping } from '../value.ts';
import { scalarText } from './fields.ts';

/** The variable with which a play chooses the rules of its templates. */
const rulesVariable = 'kplay_template_rules';

/** The rules that a play's variables choose; undefined where they do not. Throws KplayError `argument` for another value. */
export function rulesOfPlay(vars: Mapping | undefined): TemplateRules | undefined {
  const value = vars?.[rulesVariable];
  if (value === undefined) return undefined;
  const rules = readRules(scalarText(value) ?? '');
  if (rules !== undefined) return rules;
  throw new KplayError({
    code: 'argument',
    message: `${rulesVariable} must be ${rulesWanted}.`,
    position: placeOfValue(vars!, rulesVariable),
    hint: 'Write it in quotes: "2.18".',
  });
}
