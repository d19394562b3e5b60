import test from 'ava';
import { parseShard, Shard } from '../../runner/strategy/shard.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `host${index}`);

test('every host is in one part, the same whatever the order of the inventory, and parts are of one size', (t) => {
  const hosts = names(23);
  const parts = [1, 2, 3, 4].map((index) => new Shard(index, 4, hosts));
  const backwards = new Shard(1, 4, [...hosts].reverse());
  for (const host of hosts) {
    t.is(parts.filter((part) => part.has(host)).length, 1, host);
    t.is(backwards.partOf(host), parts[0]!.partOf(host));
  }
  const sizes = parts.map((part) => hosts.filter((host) => part.has(host)).length);
  t.deepEqual(sizes.sort(), [5, 6, 6, 6]);
});

test('hosts that are not in the inventory are in one part too, and move no others', (t) => {
  const parts = [1, 2, 3].map((index) => new Shard(index, 3, names(6)));
  for (const host of ['new1', 'new2', 'new3', 'new4']) t.is(parts.filter((part) => part.has(host)).length, 1);
});

test('hosts are divided when they are in several parts', (t) => {
  const shard = new Shard(1, 2, names(4));
  t.true(shard.divides(['host0', 'host1']));
  t.false(shard.divides(['host0', 'host2']));
  t.false(shard.divides(['host1']));
  t.false(shard.divides([]));
  t.false(new Shard(1, 1, names(4)).divides(names(4)));
});

test('PART/PARTS is read, and what makes no sense is not', (t) => {
  t.deepEqual(parseShard('2/5'), { index: 2, count: 5 });
  t.deepEqual(parseShard('5/5'), { index: 5, count: 5 });
  for (const wrong of ['0/5', '6/5', '1', '1/0', 'a/b', '1/2/3', '-1/2', '']) t.is(parseShard(wrong), undefined, wrong);
});
