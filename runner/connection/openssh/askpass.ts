import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { decode, encode } from '../../python/bytes.ts';
import { quote } from '../quote.ts';

/** What may be answered. */
export interface Answers {
  readonly password: string | undefined;
  readonly passphrase: string | undefined;
  /** Told what ssh says while it waits for something that needs no answer: a security key that is to be touched. */
  readonly tell: (text: string) => void;
}

/** What the program that ssh starts does: asks at the socket beside it, and prints the answer. */
const program = [
  'const [,socket,...question]=process.argv;let answer=[];',
  'const s=require("net").connect(socket);',
  's.on("error",()=>process.exit(1)).on("data",(d)=>answer.push(d));',
  's.on("end",()=>{if(answer.length===0)process.exit(1);process.stdout.write(Buffer.concat(answer))});',
  's.write(JSON.stringify([...question,process.env.SSH_ASKPASS_PROMPT??""])+"\\n");',
].join('');

/**
 * Answers what ssh asks (SSH_ASKPASS) through a socket in a private folder, so that no password stands on a command line, in an
 * environment or in a file. The password is for the client that was started for the host: one that it starts for a jump host
 * gets passphrases only. Each password is given once per way to log in, so that a wrong one is told as such.
 */
export class Askpass {
  readonly program: string;
  /** Questions that were not answered. */
  readonly unanswered: string[] = [];
  /** What ssh said last that is to be done by hand. */
  waitsFor: string | undefined;
  readonly #answers: Answers;
  readonly #client: Promise<number>;
  readonly #server: Server;
  readonly #used = new Set<string>();

  private constructor(server: Server, file: string, answers: Answers, client: Promise<number>) {
    this.#server = server;
    this.program = file;
    this.#answers = answers;
    this.#client = client;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /**
   * Makes the program and the socket in a folder of mode 0700.
   * @param client the process that may ask for the password
   */
  static async start(folder: string, answers: Answers, client: Promise<number>): Promise<Askpass> {
    const file = join(folder, 'askpass');
    const words = [process.execPath, '-e', program].map(quote).join(' ');
    writeFileSync(file, `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "\${0%/*}/asked" "$PPID" "$1"\n`, {
      mode: 0o700,
    });
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(join(folder, 'asked'), resolve);
    });
    return new Askpass(server, file, answers, client);
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let text = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text = Buffer.concat([text, chunk]);
      if (!text.includes('\n')) return;
      const [asker = '', question = '', hint = ''] = JSON.parse(decode(text)) as string[];
      void this.#answer(Number(asker), question, hint).then((answer) => {
        if (answer !== undefined) socket.write(encode(`${answer}\n`));
        socket.end();
      });
    });
  }

  async #answer(asker: number, question: string, hint: string): Promise<string | undefined> {
    if (hint === 'none') {
      this.waitsFor = question.trim();
      this.#answers.tell(this.waitsFor);
      return undefined;
    }
    const answer = hint === 'confirm' || /\(yes\/no/.test(question) ? 'no' : await this.#secret(asker, question);
    if (answer === undefined) this.unanswered.push(question.trim());
    return answer;
  }

  async #secret(asker: number, question: string): Promise<string | undefined> {
    // What a server asks begins with the user and host that ssh puts before it.
    const ofKey =
      /^Enter passphrase for (?:key )?['"]?\//.test(question) || /^Enter PIN (?:and .*)?for /.test(question);
    if (ofKey) return this.#answers.passphrase;
    const way = /^\([^)]*@[^)]*\) /.test(question) ? 'keyboard-interactive' : 'password';
    if (way === 'password' && !/@.*'s password: ?$/.test(question)) return undefined;
    if (asker !== (await this.#client) || this.#answers.password === undefined) return undefined;
    if (this.#used.has(way)) return way === 'password' ? undefined : '';
    this.#used.add(way);
    return this.#answers.password;
  }
}
