import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../temporary.ts';
import { attempt, insideNamespace } from './shell.ts';

/** What became of the questions to the API through the virtual address. */
export interface Answers {
  readonly asked: number;
  readonly missed: number;
  /** Seconds of the longest time without an answer, and of all such times, each from one answer to the next. */
  readonly longest: number;
  readonly total: number;
}

/**
 * Asks the API for its health through the virtual address, each time over a new connection, some times a second until it is told to end; a
 * question that gets no answer within two seconds counts as missed.
 */
export function askTheApi(): { end(): Promise<Answers> } {
  const stop = path.join(temporaryDirectory('kplay-ask'), 'stop');
  const script = `asked=0 missed=0 longest=0 total=0 gap= last=$(date +%s%3N)
    while [ ! -e ${stop} ]; do
      asked=$((asked + 1))
      if [ "$(curl -sk --max-time 2 https://172.31.3.188:6443/healthz)" = ok ]; then
        now=$(date +%s%3N)
        if [ "$gap" ]; then
          away=$((now - last)); total=$((total + away)); gap=
          [ "$away" -le "$longest" ] || longest=$away
        fi
        last=$now
      else
        missed=$((missed + 1)); gap=1
      fi
      sleep 0.2
    done
    echo $asked $missed $longest $total`;
  const [enter, ...rest] = insideNamespace;
  const done = attempt(enter!, [...rest, 'sh', '-c', script]);
  return {
    async end() {
      writeFileSync(stop, '');
      const [asked, missed, longest, total] = (await done).stdout.trim().split(' ').map(Number);
      return { asked: asked!, missed: missed!, longest: longest! / 1000, total: total! / 1000 };
    },
  };
}

/** The answers in words. */
export function toldAnswers({ asked, missed, longest, total }: Answers): string {
  return `the API was asked ${asked} times through the virtual address and did not answer ${missed} times, for at most ${longest} s at a time and ${total} s in all`;
}
