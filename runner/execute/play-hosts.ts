import { isInterruption } from '../computing.ts';
import { KplayError } from '../errors.ts';
import type { PlayNode } from '../language/tree.ts';
import { pythonText } from '../python/text.ts';
import { splitIntoBatches } from '../strategy/batches.ts';
import type { Value } from '../value.ts';
import type { Engine } from './engine.ts';
import { renderKeyword } from './keywords.ts';

/** The names of a play's hosts, in the inventory's order. */
export function selectHosts(
  engine: Pick<Engine, 'inventory' | 'templar' | 'emit' | 'store' | 'shard'>,
  play: PlayNode,
  limit: string | undefined,
): { readonly pattern: string; readonly hosts: string[]; readonly divided: boolean } {
  const pattern = patternOf(engine, play);
  const matched = engine.inventory.match(pattern, {
    limit,
    warn: (text) => engine.emit({ type: 'message', time: Date.now(), level: 'warning', text }),
  });
  const { shard } = engine;
  // Every controller has its own implicit localhost.
  const own = matched.filter((host) => host.implicit || !shard || shard.has(host.name));
  const divided = shard?.divides(matched.filter((host) => !host.implicit).map((host) => host.name)) ?? false;
  const hosts = own.map((host) => host.name);
  return { pattern, hosts, divided };
}

/** The pattern of a play's hosts. What is wrong with it is an error of the playbook. */
function patternOf(engine: Pick<Engine, 'templar' | 'store'>, play: PlayNode): string {
  try {
    return renderText(engine, play, play.hosts.value);
  } catch (error) {
    if (!(error instanceof KplayError) || isInterruption(error)) throw error;
    const { position } = play.hosts;
    throw new KplayError(error.problems.map((problem) => ({ ...problem, code: 'parse', position })));
  }
}

/** A play's hosts in the order that it takes them in. Changes the list. */
export function ordered(hosts: string[], order: PlayNode['order']): string[] {
  switch (order) {
    case 'inventory':
      return hosts;
    case 'reverse_inventory':
      return hosts.reverse();
    case 'sorted':
      return hosts.sort();
    case 'reverse_sorted':
      return hosts.sort().reverse();
    case 'shuffle':
      return hosts
        .map((host) => [Math.random(), host] as const)
        .sort(([a], [b]) => a - b)
        .map(([, host]) => host);
  }
}

/** Text of a play that may use variables which no host is needed for. */
export function renderText(engine: Pick<Engine, 'templar' | 'store'>, play: PlayNode, text: string): string {
  if (!engine.templar.isTemplate(text)) return text;
  const rendered = engine.templar.render(text, engine.store.context({ host: 'localhost', play }), play.position);
  return Array.isArray(rendered) ? rendered.map(pythonText).join(',') : pythonText(rendered);
}

/** The sizes that `serial` gives its batches. Throws KplayError `argument` for what is no size. */
export function serialOf(engine: Engine, play: PlayNode, host: string): (number | string)[] {
  const value = renderKeyword(engine, play.serial, engine.store.context({ host, play }));
  const list = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  try {
    splitIntoBatches([], list as (number | string)[]);
  } catch (error) {
    throw new KplayError({ code: 'argument', message: (error as Error).message, position: play.serial!.position });
  }
  return list.map((size: Value) => (typeof size === 'number' ? size : pythonText(size)));
}
