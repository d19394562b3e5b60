import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExitCode } from '../../runner/errors.ts';
import type { RunEvent } from '../../runner/events.ts';
import { type Prepared, prepare, runPlaybooks } from '../../runner/run.ts';
import { SecretRegister } from '../../runner/secrets/register.ts';
import { temporaryDirectory } from '../temporary.ts';
import type { SshHosts } from './ssh-hosts.ts';

/** What a run in this process came to. */
export interface RunInside {
  readonly code: ExitCode;
  readonly events: readonly RunEvent[];
  readonly prepared: Prepared;
}

export interface InsideOptions {
  readonly hosts: number;
  readonly forks?: number;
  /** Files beside the playbook. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly check?: boolean;
  /** Gets the events in place of a list that keeps them. */
  readonly listen?: (event: RunEvent) => void;
}

/** Runs a playbook in this process on simulated hosts. */
export async function runInside(server: SshHosts, playbook: string, options: InsideOptions): Promise<RunInside> {
  const folder = temporaryDirectory('kplay-inside');
  const inventory = path.join(folder, 'hosts.yml');
  writeFileSync(inventory, server.inventory(options.hosts));
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(path.join(folder, name), content);
  const file = path.join(folder, 'playbook.yml');
  writeFileSync(file, playbook);
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => {
    if (options.listen) options.listen(event);
    else events.push(event);
  };
  const prepared = await prepare(
    {
      playbooks: [file],
      inventory: [inventory],
      limit: undefined,
      shard: undefined,
      extraVars: [],
      forks: options.forks ?? 50,
      checkMode: options.check ?? false,
      diffMode: false,
      verbosity: 0,
      selection: { only: [], skip: [] },
      startAtTask: undefined,
      forceHandlers: false,
      connectionFlags: { timeoutSeconds: 100, become: false },
      secrets: new SecretRegister(),
      prompt: () => Promise.resolve(undefined),
      confirm: () => Promise.resolve(true),
      outputLost: new AbortController().signal,
      signal: new AbortController().signal,
    },
    emit,
  );
  const code = await runPlaybooks(prepared, [{ showsOutput: false, handle: emit }]);
  return { code, events, prepared };
}

/** Failures, for a test's message. */
export function failures(run: RunInside): string {
  return run.events
    .flatMap((event) =>
      event.type === 'host-result' && ['failed', 'unreachable'].includes(event.result.outcome)
        ? [`${event.host} ${event.task.name}: ${JSON.stringify(event.result.fields).slice(0, 500)}`]
        : [],
    )
    .join('\n');
}
