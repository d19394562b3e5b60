import { keywordsAround, nearest } from '../language/inherit.ts';
import type { PlayNode, TaskTreeNode, Written } from '../language/tree.ts';
import type { Value } from '../value.ts';
import { allConnectionNames, connectionNames } from './connection-names.ts';
import { ConnectionReader } from './connection-reader.ts';
import type { ConnectionFlags } from './connection-variables.ts';
import type { MagicCommons } from './magic.ts';
import type { ScopeFallback, TaskScope } from './task-scope.ts';

type Sort = 'connection' | 'host' | 'port' | 'user' | 'privateKeyFile' | 'timeout' | 'shell';

/** Which variables templates of tasks see though nobody has set them, and what each is about. */
const sorts: ReadonlyMap<string, Sort> = new Map(
  (['connection', 'host', 'port', 'user', 'privateKeyFile', 'timeout', 'shell'] as const).flatMap((sort) =>
    connectionNames[sort].map((name) => [name, sort] as const),
  ),
);

/** What a task's connection is decided by beside variables. */
export interface FallbackInput {
  readonly commons: MagicCommons;
  readonly node: TaskTreeNode;
  readonly play: PlayNode;
  readonly flags: ConnectionFlags;
}

/**
 * Variables about the connection that nobody has set, for the templates of a task: what the keywords, the command line and
 * kplay itself say in their place. Secrets are not among them.
 */
export class ConnectionFallback implements ScopeFallback {
  readonly #input: FallbackInput;

  constructor(input: FallbackInput) {
    this.#input = input;
  }

  related(name: string): readonly string[] {
    const sort = sorts.get(name);
    return sort === undefined ? [] : connectionNames[sort];
  }

  get(name: string, scope: TaskScope): Value | undefined {
    const at = scope.connection;
    const reader = new ConnectionReader(at, at.held(allConnectionNames));
    const sort = sorts.get(name)!;
    const set = sort === 'timeout' || sort === 'port' ? reader.number(sort) : reader.text(sort);
    return set ?? this.#otherwise(sort, reader, scope);
  }

  #otherwise(sort: Sort, reader: ConnectionReader, scope: TaskScope): Value | undefined {
    const { flags } = this.#input;
    switch (sort) {
      case 'connection':
        return this.#keyword('connection', scope) ?? flags.connection ?? 'ssh';
      case 'host':
        return this.#address(reader.hostName(), scope);
      case 'port':
        return this.#keyword('port', scope);
      case 'user':
        return this.#keyword('remoteUser', scope) ?? flags.user;
      case 'privateKeyFile':
        return flags.privateKeyFile;
      case 'timeout':
        return flags.timeoutSeconds;
      case 'shell':
        return '/bin/sh';
    }
  }

  /** Where a host is that has no address: at its name; the implicit localhost, as the play's host, at 127.0.0.1. */
  #address(host: string, scope: TaskScope): string {
    const isImplicit = this.#input.commons.inventory.host(host)?.implicit === true;
    return isImplicit && scope.connection === scope ? '127.0.0.1' : host;
  }

  #keyword(name: 'connection' | 'port' | 'remoteUser', scope: TaskScope): Value | undefined {
    const { node, play, commons } = this.#input;
    const written: Written | undefined = nearest(keywordsAround(node, play), name);
    if (written === undefined) return undefined;
    const value = commons.templar.render(written.value, scope.context, written.position);
    return value === null || value === commons.templar.omit ? undefined : value;
  }
}
