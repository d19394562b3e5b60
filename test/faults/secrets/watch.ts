import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Looks again and again where others on a machine could read secrets: command lines, environments, files that are open to all. */
export class Watch {
  /** Places and what was seen there. */
  readonly found = new Set<string>();
  /** How many command lines, environments and files were looked at. */
  looks = 0;
  readonly #secrets: readonly string[];
  readonly #directories: readonly string[];
  #timer: NodeJS.Timeout | undefined;

  /** @param directories where temporary files are, of this machine and of hosts */
  constructor(secrets: readonly string[], directories: readonly string[]) {
    this.#secrets = secrets;
    this.#directories = directories;
  }

  start(): void {
    const again = (): void => {
      this.#look();
      this.#timer = setTimeout(again, 3);
    };
    again();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#look();
  }

  /** Looks at a text, whoever may read it. */
  check(place: string, text: string): void {
    this.looks += 1;
    for (const secret of this.#secrets) if (text.includes(secret)) this.found.add(`${place}: ${secret}`);
  }

  #look(): void {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      for (const file of ['cmdline', 'environ']) this.#read(`/proc/${name}/${file}`, `${file} of ${nameOf(name)}`);
    }
    for (const directory of this.#directories) this.#walk(directory);
  }

  #walk(directory: string): void {
    for (const name of namesIn(directory)) {
      const place = path.join(directory, name);
      try {
        const { mode } = statSync(place);
        if ((mode & 0o005) === 0) continue;
        if ((mode & 0o170000) === 0o040000) this.#walk(place);
        else if ((mode & 0o170000) === 0o100000 && (mode & 0o004) !== 0) this.#read(place, place);
      } catch {
        // It has just gone.
      }
    }
  }

  #read(file: string, place: string): void {
    try {
      this.check(place, readFileSync(file, 'utf8'));
    } catch {
      // It has just gone.
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'a process that has gone';
  }
}
