import { DateTime, Day, TimeDelta } from '../../python/datetime.ts';
import { kindOf } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import type { Callee } from './function.ts';
import { dateTimeMethods, dayMethods, timeDeltaMethods } from './methods-datetime.ts';
import { dictMethods } from './methods-dict.ts';
import { listMethods, tupleMethods } from './methods-list.ts';
import { floatMethods, intMethods } from './methods-number.ts';
import { textMethods } from './methods-text.ts';

type Methods = ReadonlyMap<string, Callee>;
const none: Methods = new Map();

/** The method of that name that a value of Python's own types has. */
export function methodOf(value: V, name: string): Callee | undefined {
  return methodsOf(value).get(name);
}

function methodsOf(value: V): Methods {
  switch (kindOf(value)) {
    case 'str':
      return textMethods;
    case 'dict':
      return dictMethods;
    case 'list':
      return listMethods;
    case 'tuple':
      return tupleMethods;
    case 'int':
    case 'bool':
      return intMethods;
    case 'float':
      return floatMethods;
    case 'object':
      if (value instanceof DateTime) return dateTimeMethods;
      if (value instanceof Day) return dayMethods;
      return value instanceof TimeDelta ? timeDeltaMethods : none;
    default:
      return none;
  }
}
