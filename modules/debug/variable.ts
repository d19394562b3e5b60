import type { Controller } from '../../runner/module/contract.ts';
import type { Value } from '../../runner/value.ts';

const notDefined = 'VARIABLE IS NOT DEFINED!';

/** The value of what debug's `var` names: an expression, or a value that was rendered already. */
export function renderVariable(variable: Value, controller: Controller): Value {
  if (typeof variable !== 'string') return variable;
  try {
    return controller.render(variable.includes('{{') ? variable : `{{ ${variable} }}`);
  } catch (error) {
    if (!isUndefined(error)) throw error;
    return controller.verbosity > 0 && error instanceof Error ? `${notDefined}: ${error.message}` : notDefined;
  }
}

/** The result field that the value is shown in; Ansible names the type of what is not a name. */
export function variableField(variable: Value): string {
  if (typeof variable === 'string') return variable;
  return Array.isArray(variable) ? "<class 'list'>" : "<class 'dict'>";
}

function isUndefined(error: unknown): boolean {
  const problems = (error as { problems?: readonly { code?: string }[] }).problems;
  return Array.isArray(problems) && problems[0]?.code === 'undefined';
}
