import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';

interface Job {
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly template: {
      readonly spec: { readonly containers: { readonly env: { value: string }[]; readonly command: string[] }[] };
    };
  };
}

test('the example of a Job starts every shard once', (t) => {
  const job = load(readFileSync(path.join(packageRoot, 'docs', 'shards.yml'), 'utf8')) as Job;
  const container = job.spec.template.spec.containers[0]!;
  t.is(job.spec.completionMode, 'Indexed');
  t.is(container.env[0]!.value, String(job.spec.completions));
  // In place of kplay a program that prints its words; the container's folders are here.
  const folder = temporaryDirectory('kplay-job');
  writeFileSync(path.join(folder, 'kplay'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(path.join(folder, 'kplay'), 0o755);
  const [shell, ...words] = container.command.map((word) => word.replaceAll('/results/', `${folder}/`));
  const shards = Array.from({ length: job.spec.completions }, (_, index) => {
    const environment = { SHARDS: container.env[0]!.value, JOB_COMPLETION_INDEX: String(index) };
    execFileSync(shell!, words, { env: { PATH: `${folder}:${process.env.PATH}`, ...environment } });
    const said = readFileSync(path.join(folder, `shard-${index}.json`), 'utf8').split('\n');
    return said[said.indexOf('--shard') + 1];
  });
  t.deepEqual(shards, ['1/5', '2/5', '3/5', '4/5', '5/5']);
});
