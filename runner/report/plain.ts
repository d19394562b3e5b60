import type { HostStats, ReportedResult, ReportedTask, Reporter, RunEvent } from '../events.ts';
import { formatPosition } from '../language/snippet.ts';
import { printable } from '../printable.ts';
import { shownJson } from '../python/json.ts';
import { formatDiff } from './diff-text.ts';
import { itemText, resultText, showsResult } from './result-text.ts';

/** What the plain report is made with. */
export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly verbosity: number;
  readonly color: boolean;
}

const colors = {
  ok: 32,
  changed: 33,
  skipped: 36,
  failed: 31,
  unreachable: 91,
  warning: 95,
  verbose: 34,
  added: 32,
  removed: 31,
  none: 0,
} as const;

/** Whether two steps are of one task: with the strategy free each host takes its own. */
function isSame(a: ReportedTask, b: ReportedTask): boolean {
  return a.id === b.id || (a.position === b.position && a.name === b.name && a.handler === b.handler);
}

function isInclude({ action }: ReportedTask): boolean {
  return /(^|\.)include_(tasks|role)$/.test(action);
}

/** Ansible's default text: what people read in logs and scripts parse. */
export class PlainReporter implements Reporter {
  readonly showsOutput: boolean;
  readonly #options: PlainOptions;
  /** The task whose title was shown last. */
  #titled: ReportedTask | undefined;
  /** Whether all hosts of the play are at the same task. */
  #linear = true;

  constructor(options: PlainOptions) {
    this.#options = options;
    this.showsOutput = options.verbosity >= 2;
  }

  /** The task's title has been shown by somebody else. */
  skipBanner(task: ReportedTask): void {
    this.#titled = task;
  }

  handle(event: RunEvent): void {
    switch (event.type) {
      case 'play-start':
        this.#linear = event.strategy === 'linear';
        return this.#title(`PLAY [${event.name}]`);
      case 'no-hosts-matched':
        return this.#line('skipping: no hosts matched', 'skipped');
      case 'no-hosts-remaining':
        // At other ends of plays Ansible says nothing.
        return event.tooManyFailed ? this.#title('NO MORE HOSTS LEFT') : undefined;
      case 'task-start':
        // Where hosts do not go together, a title stands above the first result of its task.
        return this.#linear || isInclude(event.task) ? this.#task(event.task) : undefined;
      case 'host-output':
        return this.#output(event.host, event.text);
      case 'host-retry':
        return this.#line(
          `FAILED - RETRYING: [${event.host}]: ${event.task.name} (${event.retriesLeft} retries left).`,
          'verbose',
        );
      case 'host-item':
        return this.#result(event.task, event.host, event.result, true);
      case 'host-result':
        return this.#hostResult(event);
      case 'included': {
        const item = event.item === undefined ? '' : ` => (item=${itemText(event.item)})`;
        return this.#line(`included: ${event.file} for ${event.hosts.join(', ')}${item}`, 'skipped');
      }
      case 'handler-notified':
        if (this.#options.verbosity > 1) this.#line(`NOTIFIED HANDLER ${event.handler} for ${event.host}`, 'verbose');
        return;
      case 'message':
        return this.#message(event);
      case 'recap':
        return this.#recap(event);
      default:
    }
  }

  #hostResult(event: Extract<RunEvent, { type: 'host-result' }>): void {
    const { outcome } = event.result;
    if (event.looped) {
      // Every item has been shown already.
      if (outcome === 'skipped') this.#result(event.task, event.host, event.result, false);
      if (event.result.ignored) this.#line('...ignoring', 'skipped');
      if (outcome === 'unreachable') this.#result(event.task, event.host, event.result, false);
      return;
    }
    this.#result(event.task, event.host, event.result, false);
  }

  #result(task: ReportedTask, host: string, result: ReportedResult, isItem: boolean): void {
    if (!this.#titled || !isSame(this.#titled, task)) this.#task(task);
    for (const warning of result.warnings) this.#warn(warning);
    const where =
      result.delegatedTo === undefined || result.delegatedTo === host
        ? `[${host}]`
        : `[${host} -> ${result.delegatedTo}]`;
    const item = isItem ? `(item=${itemText(result.item)})` : '';
    const fields = (): string => resultText(task, result, this.#options.verbosity);
    switch (result.outcome) {
      case 'failed':
        this.#showDiffs(result);
        if (isItem) this.#line(`failed: ${where} ${item} => ${fields()}`, 'failed');
        else this.#line(`fatal: ${where}: FAILED! => ${fields()}`, 'failed');
        if (result.ignored && !isItem) this.#line('...ignoring', 'skipped');
        return;
      case 'unreachable':
        this.#line(`fatal: ${where}: UNREACHABLE! => ${fields()}`, 'unreachable');
        if (result.ignored) this.#line('...ignoring', 'skipped');
        return;
      case 'skipped':
        this.#line(
          `skipping: ${where}${isItem ? ` => ${item} ` : ''}${this.#options.verbosity > 0 ? ` => ${fields()}` : ''}`,
          'skipped',
        );
        return;
      default: {
        this.#showDiffs(result);
        const label = isItem ? ` => ${item}` : '';
        const details = showsResult(task, result, this.#options.verbosity) ? ` => ${fields()}` : '';
        this.#line(`${result.outcome}: ${where}${label}${details}`, result.outcome);
      }
    }
  }

  #showDiffs(result: ReportedResult): void {
    for (const diff of result.diffs) {
      const text = printable(formatDiff(diff));
      if (text === '') continue;
      for (const line of text.split('\n')) {
        const color = line.startsWith('+')
          ? 'added'
          : line.startsWith('-')
            ? 'removed'
            : line.startsWith('@@')
              ? 'skipped'
              : 'none';
        this.#line(line, color);
      }
    }
  }

  #task(task: ReportedTask): void {
    this.#titled = task;
    this.#title(`${task.handler ? 'RUNNING HANDLER' : 'TASK'} [${task.name}]`);
    if (this.#options.verbosity > 1) this.#line(`task path: ${task.position.file}:${task.position.line}`, 'verbose');
  }

  #output(host: string, text: string): void {
    if (!this.showsOutput) return;
    for (const line of printable(text).replace(/\n$/, '').split('\n')) this.#line(`  ${host} | ${line}`, 'verbose');
  }

  #message(event: Extract<RunEvent, { type: 'message' }>): void {
    const place = event.position === undefined ? '' : `${formatPosition(event.position)}: `;
    if (event.level === 'warning') return this.#warn(place + event.text);
    if (event.level === 'deprecated') return this.#warn(place + event.text, 'DEPRECATION WARNING');
    if (event.level === 'verbose' && this.#options.verbosity < (event.verbosity ?? 1)) return;
    this.#line(event.text, event.level === 'verbose' ? 'verbose' : 'none');
  }

  #warn(text: string, kind = 'WARNING'): void {
    this.#options.writeError(`${this.#paint(`[${kind}]: ${text}`, 'warning')}\n`);
  }

  #recap(event: Extract<RunEvent, { type: 'recap' }>): void {
    this.#title('PLAY RECAP');
    for (const host of Object.keys(event.hosts).sort())
      this.#options.write(`${this.#recapLine(host, event.hosts[host]!)}\n`);
    if (Object.keys(event.custom).length > 0) this.#customStats(event.custom);
    this.#options.write('\n');
  }

  #recapLine(host: string, stats: HostStats): string {
    const color = stats.failed > 0 || stats.unreachable > 0 ? 'failed' : stats.changed > 0 ? 'changed' : 'ok';
    const name = this.#paint(printable(host).padEnd(26), color);
    const column = (label: string, count: number, hue: keyof typeof colors): string => {
      const text = `${label}=${String(count).padEnd(4)}`;
      return count > 0 ? this.#paint(text, hue) : text;
    };
    return [
      `${name} :`,
      column('ok', stats.ok, 'ok'),
      column('changed', stats.changed, 'changed'),
      column('unreachable', stats.unreachable, 'unreachable'),
      column('failed', stats.failed, 'failed'),
      column('skipped', stats.skipped, 'skipped'),
      column('rescued', stats.rescued, 'ok'),
      column('ignored', stats.ignored, 'warning'),
    ].join(' ');
  }

  #customStats(custom: Extract<RunEvent, { type: 'recap' }>['custom']): void {
    this.#title('CUSTOM STATS:');
    for (const owner of Object.keys(custom).sort()) {
      const label = owner === '_run' ? 'RUN' : owner;
      this.#line(`\t${label}: ${shownJson(custom[owner]!, { sortKeys: true })}`, 'none');
    }
  }

  #title(text: string): void {
    const shown = printable(text);
    this.#options.write(`\n${shown} ${'*'.repeat(Math.max(3, 79 - shown.length))}\n`);
  }

  #line(text: string, color: keyof typeof colors): void {
    this.#options.write(`${this.#paint(text, color)}\n`);
  }

  /** All that is written passes here (titles have no colour): what it brings steers no terminal, and gets its colour. */
  #paint(text: string, color: keyof typeof colors): string {
    const shown = printable(text);
    return this.#options.color && colors[color] !== 0 ? `\u001b[0;${colors[color]}m${shown}\u001b[0m` : shown;
  }
}
