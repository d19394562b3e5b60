import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folders } from './settings.ts';
import { run } from './shell.ts';

/** An archive as a project releases it, and its checksum as kplay takes it. */
export interface Archive {
  readonly file: string;
  readonly checksum: string;
}

/** Makes archives with the layout of the real releases, out of Debian's packages of the same programs. */
export class ReleaseArchives {
  /** Folder in which they are made. */
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** containerd-VERSION-linux-amd64.tar.gz: bin/. */
  containerd(): Promise<Archive> {
    return this.#pack('containerd-1.6.20-linux-amd64.tar.gz', 'bin', ['containerd'], /^\.\/usr\/bin\/(containerd|ctr)/);
  }

  /** cni-plugins-linux-amd64-VERSION.tgz: the plug-ins, in no folder. */
  plugins(): Promise<Archive> {
    return this.#pack(
      'cni-plugins-linux-amd64-v1.1.1.tgz',
      '.',
      ['containernetworking-plugins'],
      /^\.\/usr\/lib\/cni\/./,
    );
  }

  /** docker-VERSION.tgz: docker/, with containerd and runc. */
  docker(): Promise<Archive> {
    const programs = /^\.\/usr\/s?bin\/(docker|containerd|ctr$|runc$)/;
    return this.#pack('docker-20.10.24.tgz', 'docker', ['docker.io', 'containerd', 'runc'], programs);
  }

  /** runc.amd64: the program itself. */
  async runc(): Promise<Archive> {
    const root = await this.#unpack(['runc']);
    const file = path.join(this.#folder, 'runc.amd64');
    await run('cp', [path.join(root, 'usr/sbin/runc'), file]);
    return archive(file);
  }

  /** An archive with one sh text as its program, in a folder or none. */
  async script(name: string, program: string, text: string): Promise<Archive> {
    const root = path.join(this.#folder, `${name}.root`);
    mkdirSync(path.join(root, path.dirname(program)), { recursive: true });
    writeFileSync(path.join(root, program), text, { mode: 0o755 });
    const file = path.join(this.#folder, name);
    await run('tar', ['-czf', file, '-C', root, program.split('/')[0]!]);
    return archive(file);
  }

  async #pack(name: string, top: string, packages: readonly string[], wanted: RegExp): Promise<Archive> {
    const root = await this.#unpack(packages);
    const stage = path.join(this.#folder, `${name}.stage`);
    mkdirSync(path.join(stage, top), { recursive: true });
    for (const found of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const from = path.join(root, found);
      if (wanted.test(`./${found}`) && lstatSync(from).isFile()) await run('cp', ['-a', from, path.join(stage, top)]);
    }
    const file = path.join(this.#folder, name);
    await run('tar', ['-czf', file, '-C', stage, top]);
    return archive(file);
  }

  async #unpack(packages: readonly string[]): Promise<string> {
    const pool = path.join(folders.www, 'debian', 'pool');
    const root = path.join(this.#folder, `${packages.join('-')}.deb`);
    for (const name of packages) {
      const file = readdirSync(pool).find((one) => one.startsWith(`${name}_`));
      await run('dpkg-deb', ['-x', path.join(pool, file!), root]);
    }
    return root;
  }
}

function archive(file: string): Archive {
  return { file, checksum: `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}` };
}
