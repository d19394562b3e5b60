import type { ReportedResult, ReportedTask, RunEvent } from '../events.ts';
import type { Diff } from '../module/contract.ts';
import type { SecretRegister } from '../secrets/register.ts';
import type { MaskedStream } from '../secrets/stream.ts';
import type { Mapping } from '../value.ts';

type OutputEvent = Extract<RunEvent, { type: 'host-output' }>;

/**
 * Makes the way that events take to reporters: secrets are masked in all that hosts, variables and playbooks bring, but not in
 * names of hosts. As long as there are no secrets an event goes on as it is.
 */
export function maskEvents(secrets: SecretRegister, emit: (event: RunEvent) => void): (event: RunEvent) => void {
  const streams = new OutputStreams(secrets, emit);
  return (event) => {
    if (secrets.isEmpty) emit(event);
    else if (event.type === 'host-output') streams.add(event);
    else {
      if (event.type === 'host-result' || event.type === 'host-item' || event.type === 'host-retry')
        streams.end(event.task.id, event.host);
      emit(maskEvent(event, secrets));
    }
  };
}

/** What commands print while they run. A secret may come in two pieces. */
class OutputStreams {
  readonly #secrets: SecretRegister;
  readonly #emit: (event: RunEvent) => void;
  readonly #streams = new Map<string, { readonly stream: MaskedStream; readonly event: OutputEvent }>();

  constructor(secrets: SecretRegister, emit: (event: RunEvent) => void) {
    this.#secrets = secrets;
    this.#emit = emit;
  }

  add(event: OutputEvent): void {
    const name = streamName(event.task.id, event.host, event.stream);
    const stream = this.#streams.get(name)?.stream ?? this.#secrets.stream();
    this.#streams.set(name, { stream, event });
    this.#give(event, stream.add(event.text));
  }

  /** Gives out what waits, once a task's command has ended. */
  end(task: string, host: string): void {
    if (this.#streams.size === 0) return;
    for (const kind of ['stdout', 'stderr'] as const) {
      const name = streamName(task, host, kind);
      const known = this.#streams.get(name);
      this.#streams.delete(name);
      if (known) this.#give(known.event, known.stream.end());
    }
  }

  #give(event: OutputEvent, text: string): void {
    if (text !== '') this.#emit({ ...event, task: maskTask(event.task, this.#secrets), text });
  }
}

function streamName(task: string, host: string, stream: string): string {
  return `${task} ${stream} ${host}`;
}

function maskEvent(event: Exclude<RunEvent, OutputEvent>, secrets: SecretRegister): RunEvent {
  switch (event.type) {
    case 'play-start':
      return { ...event, name: secrets.maskText(event.name) };
    case 'task-start':
    case 'task-end':
    case 'host-start': {
      const task = maskTask(event.task, secrets);
      return task === event.task ? event : { ...event, task };
    }
    case 'host-retry':
    case 'host-item':
    case 'host-result': {
      const task = maskTask(event.task, secrets);
      const result = maskResult(event.result, secrets);
      return task === event.task && result === event.result ? event : { ...event, task, result };
    }
    case 'included': {
      const item = event.item === undefined ? {} : { item: secrets.maskValue(event.item) };
      return { ...event, file: secrets.maskText(event.file), ...item };
    }
    case 'handler-notified':
      return { ...event, handler: secrets.maskText(event.handler) };
    case 'message':
      return { ...event, text: secrets.maskText(event.text) };
    case 'recap':
      return { ...event, custom: secrets.maskValue(event.custom) as Mapping };
    default:
      return event;
  }
}

function maskTask(task: ReportedTask, secrets: SecretRegister): ReportedTask {
  const name = secrets.maskText(task.name);
  return name === task.name ? task : { ...task, name };
}

/** The same result where it holds no secret, as most do. */
function maskResult(result: ReportedResult, secrets: SecretRegister): ReportedResult {
  const fields = secrets.maskFields(result.fields);
  const item = result.item === undefined ? undefined : secrets.maskValue(result.item);
  const beside = result.diffs.length > 0 || result.warnings.length > 0;
  if (fields === result.fields && item === result.item && !beside) return result;
  return {
    ...result,
    fields,
    diffs: result.diffs.map((diff) => maskDiff(diff, secrets)),
    warnings: result.warnings.map((warning) => secrets.maskText(warning)),
    ...(item === undefined ? {} : { item }),
  };
}

function maskDiff(diff: Diff, secrets: SecretRegister): Diff {
  const text = (part: string | undefined): string | undefined => part && secrets.maskText(part);
  return {
    before: secrets.maskText(diff.before),
    after: secrets.maskText(diff.after),
    beforeHeader: text(diff.beforeHeader),
    afterHeader: text(diff.afterHeader),
  };
}
