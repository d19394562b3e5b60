import type { ConnectionPool } from '../connection/pool.ts';
import type { RunEvent } from '../events.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { IncludeLoader } from '../language/load.ts';
import type { LoadableCatalog } from '../module/catalog.ts';
import type { SecretRegister } from '../secrets/register.ts';
import type { Shard } from '../strategy/shard.ts';
import type { Templar } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import type { ConnectionFlags } from '../variables/connection-variables.ts';
import type { VariableStore } from '../variables/variables.ts';

/** Asks the person at the terminal; undefined when there is none. */
export type Prompter = (
  text: string,
  options: { readonly echo: boolean; readonly timeoutSeconds?: number | undefined },
) => Promise<string | undefined>;

/** What every task of a run works with; made once by run.ts. */
export interface Engine {
  readonly inventory: Inventory;
  readonly store: VariableStore;
  readonly templar: Templar;
  readonly catalog: LoadableCatalog;
  readonly includes: IncludeLoader;
  readonly pool: ConnectionPool;
  readonly connectionFlags: ConnectionFlags;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly verbosity: number;
  /** Values of -e. */
  readonly extraVars: Mapping;
  /** Data of set_stats, shown after the recap. */
  readonly customStats: Mapping;
  readonly prompt: Prompter;
  /** What must not be shown. Who learns of a secret adds it; events are masked on their way to reporters. */
  readonly secrets: SecretRegister;
  /** The part of the hosts that this run takes; undefined for all. */
  readonly shard: Shard | undefined;
  /** Whether anybody looks at what commands print while they run. */
  readonly showsOutput: boolean;
  emit(event: RunEvent): void;
}
