import type { Warn } from '../errors.ts';
import { placeOfKey } from '../position.ts';
import type { Mapping } from '../value.ts';

/** Names that mean something to plays, roles, blocks and tasks, so that variables of those names mislead. */
const reserved: ReadonlySet<string> = new Set(
  `action always any_errors_fatal args async become become_exe become_flags become_method become_user block
  changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff environment fact_path
  failed_when force_handlers gather_facts gather_subset gather_timeout handlers hosts ignore_errors ignore_unreachable
  listen local_action loop loop_control max_fail_percentage module_defaults name no_log notify order poll port post_tasks
  pre_tasks register remote_user rescue retries role roles run_once serial strategy tags tasks throttle timeout until
  vars_files vars_prompt when`.split(/\s+/),
);

/** Warns of variables with reserved names, of each once. */
export class ReservedNames {
  readonly #warn: Warn | undefined;
  readonly #warned = new Set<string>();

  constructor(warn: Warn | undefined) {
    this.#warn = warn;
  }

  check(variables: Mapping): void {
    if (!this.#warn) return;
    for (const name of Object.keys(variables)) {
      if (!reserved.has(name) || this.#warned.has(name)) continue;
      this.#warned.add(name);
      this.#warn(`Found variable using reserved name: ${name}`, placeOfKey(variables, name));
    }
  }
}
