import { Listr, type ListrTaskWrapper, PRESET_TIMER } from 'listr2';
import type { ReportedResult, ReportedTask, Reporter, RunEvent } from '../events.ts';
import { printable } from '../printable.ts';
import { PlainReporter } from './plain.ts';
import { itemText, showsResult } from './result-text.ts';

// biome-ignore lint/suspicious/noExplicitAny: listr2's own parameters for "any renderer".
type Row = ListrTaskWrapper<object, any, any>;

/** What the live view is made with. */
export interface LiveOptions {
  readonly verbosity: number;
}

/** Lines of a running command that are shown below its host. */
const outputLines = 5;

/**
 * The live view on a terminal: the task that runs, its hosts with their state and elapsed time, and with -v the output of
 * long commands. What is final (plays, failures, diffs, the recap) is written as Ansible's text, so that it stays.
 */
export class LiveReporter implements Reporter {
  readonly showsOutput: boolean;
  readonly #options: LiveOptions;
  readonly #plain: PlainReporter;
  readonly #tasks = new Map<string, LiveTask>();
  /** What is shown comes one after the other: a task's view ends before the next thing is written. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: LiveOptions) {
    this.#options = options;
    this.showsOutput = options.verbosity > 0;
    this.#plain = new PlainReporter({
      write: (text) => void process.stdout.write(text),
      writeError: (text) => void process.stderr.write(text),
      // The first -v is for the view: it shows the output of commands while they run.
      verbosity: Math.max(0, options.verbosity - 1),
      color: process.env.NO_COLOR === undefined,
    });
  }

  handle(event: RunEvent): void {
    switch (event.type) {
      case 'task-start': {
        const live = new LiveTask(event.task, event.hosts);
        this.#tasks.set(event.task.id, live);
        this.#show(() => live.show());
        return;
      }
      case 'host-output':
        if (this.showsOutput) this.#tasks.get(event.task.id)?.output(event.host, event.text);
        return;
      case 'host-item':
        this.#tasks.get(event.task.id)?.item(event.host, event.result);
        return this.#details(event);
      case 'host-retry':
        this.#tasks.get(event.task.id)?.note(event.host, `failed, ${event.retriesLeft} tries left`);
        return;
      case 'host-result':
        this.#tasks.get(event.task.id)?.finish(event.host, event.result);
        return this.#details(event);
      case 'task-end':
        this.#tasks.get(event.task.id)?.end();
        this.#tasks.delete(event.task.id);
        return;
      case 'recap':
        for (const live of this.#tasks.values()) live.end();
        return this.#show(() => this.#plain.handle(event));
      default:
        return this.#show(() => this.#plain.handle(event));
    }
  }

  async close(): Promise<void> {
    await this.#queue;
  }

  /** Writes what a result has to say beyond its state, once the task's view has ended. */
  #details(event: Extract<RunEvent, { type: 'host-item' | 'host-result' }>): void {
    const { outcome, diffs } = event.result;
    const fine = outcome === 'ok' || outcome === 'changed' || outcome === 'skipped';
    const says = showsResult(event.task, event.result, this.#options.verbosity - 1) && outcome !== 'skipped';
    if (fine && !says && diffs.length === 0) return;
    this.#show(() => {
      this.#plain.skipBanner(event.task);
      this.#plain.handle(event);
    });
  }

  #show(action: () => Promise<void> | void): void {
    this.#queue = this.#queue.then(action);
  }
}

/** One task's part of the view. Results may come before it is shown. */
class LiveTask {
  readonly #task: ReportedTask;
  readonly #hosts: Map<string, LiveHost>;

  constructor(task: ReportedTask, hosts: readonly string[]) {
    this.#task = task;
    this.#hosts = new Map(hosts.map((host) => [host, new LiveHost(host)]));
  }

  async show(): Promise<void> {
    const rows = [...this.#hosts.values()].map((host) => ({
      title: printable(host.name),
      task: (_context: object, row: Row): Promise<void> => host.attach(row),
    }));
    const title = printable(`${this.#task.handler ? 'handler ' : ''}${this.#task.name}`);
    const view = new Listr(
      [{ title, task: (_context, row) => row.newListr(rows, { concurrent: true, exitOnError: false }) }],
      {
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: {
          timer: PRESET_TIMER,
          collapseSubtasks: false,
          collapseErrors: false,
          showErrorMessage: false,
        },
      },
    );
    await view.run();
  }

  output(host: string, text: string): void {
    this.#hosts.get(host)?.output(text);
  }

  item(host: string, result: ReportedResult): void {
    this.#hosts.get(host)?.note(`${result.outcome} (${itemText(result.item)})`);
  }

  note(host: string, text: string): void {
    this.#hosts.get(host)?.note(text);
  }

  finish(host: string, result: ReportedResult): void {
    this.#hosts.get(host)?.finish(result);
  }

  /** Hosts that had no turn of their own (run_once, interruptions) end with the task. */
  end(): void {
    for (const host of this.#hosts.values()) host.finish(undefined);
  }
}

/** One host's line below a task. */
class LiveHost {
  readonly name: string;
  #row: Row | undefined;
  #note = '';
  #output: string[] = [];
  #settle: (() => void) | undefined;
  #result: ReportedResult | undefined;
  #finished = false;

  constructor(name: string) {
    this.name = name;
  }

  attach(row: Row): Promise<void> {
    this.#row = row;
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        const failed = this.#result && (this.#result.outcome === 'failed' || this.#result.outcome === 'unreachable');
        if (this.#result?.outcome === 'skipped') row.skip(printable(`${this.name}: skipped`));
        if (failed && !this.#result?.ignored) reject(new Error(printable(this.name)));
        else resolve();
      };
      this.#draw();
      if (this.#finished) this.#settle();
    });
  }

  output(text: string): void {
    this.#output = [
      ...this.#output,
      ...printable(text)
        .split('\n')
        .filter((line) => line.trim() !== ''),
    ].slice(-outputLines);
    if (this.#row && !this.#finished) this.#row.output = this.#output.join('\n');
  }

  note(text: string): void {
    this.#note = text;
    this.#draw();
  }

  finish(result: ReportedResult | undefined): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#result = result;
    this.#note = result ? (result.ignored ? `${result.outcome}, ignored` : result.outcome) : '';
    this.#draw();
    this.#settle?.();
  }

  #shown(): string {
    return printable(this.#note === '' ? this.name : `${this.name}: ${this.#note}`);
  }

  #draw(): void {
    if (this.#row) this.#row.title = this.#shown();
  }
}
