import ssh2, {
  type AnyAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { agentKeyTypes } from './agent-keys.ts';
import { withHint } from './hints.ts';
import { type AgentIdentity, findIdentities, type Identities, type Identity } from './identities.ts';
import { isSecurityKey } from './openssh-key.ts';
import type { AuthenticationMethod, Target } from './target.ts';

interface Attempt {
  readonly method: AuthenticationMethod;
  readonly label: string;
  readonly attempt: AnyAuthMethod;
}

/** Tries the ways to log in, in OpenSSH's order, and remembers what it tried for the message when none is accepted. */
export class Authenticator {
  readonly #target: Target;
  readonly #queue: Attempt[];
  readonly #notes: readonly string[];
  readonly #beyond: readonly string[];
  readonly #tried: string[] = [];
  #last: AuthenticationMethod | undefined;
  #passwordSent = false;
  #passwordAccepted = false;
  /** What the server accepts, as it said last. */
  #offered: readonly string[] = [];
  #started = false;
  #distrust: string | undefined;

  private constructor(target: Target, { identities, notes, beyond }: Identities) {
    this.#target = target;
    this.#notes = notes;
    this.#beyond = beyond;
    this.#queue = target.methods.flatMap((method): Attempt[] =>
      method === 'publickey'
        ? identities.map((identity) => ({ method, label: identity.label, attempt: keyAttempt(target.user, identity) }))
        : passwordAttempts(target, method),
    );
  }

  /** Reads the keys and asks the agent. */
  static async create(target: Target): Promise<Authenticator> {
    const none = { identities: [], notes: [], beyond: [] };
    return new Authenticator(target, target.methods.includes('publickey') ? await findIdentities(target) : none);
  }

  /** Takes passwords out of what is tried, since the host may not be the one that they are for; `reason` is for the message. */
  withholdPasswords(reason: string): void {
    this.#distrust = reason;
  }

  /**
   * The next thing to try; false when nothing is left. For ssh2's authHandler.
   * @param accepted whether the last one was accepted, and is not enough
   */
  next(offered: readonly string[] | null, accepted: boolean | null): AnyAuthMethod | false {
    if (offered) this.#offered = offered;
    if (accepted && this.#last !== 'publickey') this.#passwordAccepted = true;
    if (!this.#started) {
      this.#started = true;
      // The question what is accepted is a round trip, which a key that is accepted saves.
      if (this.#queue[0]?.method !== 'publickey' || this.#target.otherFirst.length > 0)
        return { type: 'none', username: this.#target.user };
    }
    if (offersOneOf(this.#offered, this.#target.otherFirst).length > 0) return false;
    for (;;) {
      const candidate = this.#queue.shift();
      if (!candidate) return false;
      if (offered && !this.#offered.includes(candidate.method)) continue;
      if (this.#distrust !== undefined && candidate.method !== 'publickey') continue;
      this.#tried.push(candidate.label);
      this.#last = candidate.method;
      this.#passwordSent ||= candidate.method !== 'publickey';
      return candidate.attempt;
    }
  }

  /** Why nobody was let in, as OpenSSH says it, and what was tried. */
  failure(): string {
    const untold = this.#tried.length > 0 ? 'publickey' : 'nothing is offered';
    const offered = this.#offered.length > 0 ? this.#offered.join(',') : untold;
    const first = offersOneOf(this.#offered, this.#target.otherFirst).join(', ');
    const nothing =
      first === '' ? 'There was nothing to try.' : `Nothing was tried, since ${first} is to be tried first.`;
    const tried = this.#tried.length > 0 ? `Tried: ${this.#tried.join(', ')}.` : nothing;
    const skipped = this.#notes.length > 0 ? ` Not tried: ${this.#notes.join(', ')}.` : '';
    const said = `Permission denied (${offered}). ${tried}${skipped}${this.#aboutPasswords()}`;
    return this.#target.otherMethods.includes('gssapi') ? said : withHint(said);
  }

  /** Whether a password was sent, and nobody was let in for it. */
  get passwordRefused(): boolean {
    return this.#passwordSent && !this.#passwordAccepted;
  }

  /** What OpenSSH's client could still try, when nobody was let in: what is there and kplay's own SSH has no use for. */
  async beyond(): Promise<string[]> {
    const { agent, otherMethods } = this.#target;
    const methods = offersOneOf(this.#offered, otherMethods);
    // What is accepted is not told where an agent's keys are all that was tried.
    const keysAccepted = this.#offered.length === 0 || this.#offered.includes('publickey');
    if (!keysAccepted || !this.#target.methods.includes('publickey')) return methods;
    const types = agent === undefined ? [] : await agentKeyTypes(agent);
    const inAgent = types
      .filter((type) => isSecurityKey(type) || /-cert-v\d+@/.test(type))
      .map((type) => `the agent's ${type}`);
    return [...this.#beyond, ...new Set(inAgent), ...methods];
  }

  #aboutPasswords(): string {
    if (!this.#offered.some((name) => name === 'password' || name === 'keyboard-interactive')) return '';
    if (this.#target.password === undefined) return ' No password was given.';
    return this.#distrust === undefined ? '' : ` No password was sent: ${this.#distrust}`;
  }
}

/** What a server offers of some ways to log in, each of which may have several names (`gssapi-with-mic`). */
function offersOneOf(offered: readonly string[], methods: readonly string[]): string[] {
  return offered.filter((name) => methods.some((method) => name.startsWith(method)));
}

function keyAttempt(username: string, identity: Identity): AnyAuthMethod {
  if (identity.kind === 'agent') return { type: 'agent', username, agent: new OneKeyAgent(identity) };
  return { type: 'publickey', username, key: identity.key };
}

function passwordAttempts(target: Target, method: 'keyboard-interactive' | 'password'): Attempt[] {
  const { password, user: username } = target;
  if (password === undefined) return [];
  if (method === 'password') return [{ method, label: 'the password', attempt: { type: method, username, password } }];
  let asked = false;
  const attempt: AnyAuthMethod = {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      // The password is given to the first question that hides its answer; asked again, it was wrong.
      finish(
        prompts.map((prompt) => {
          if (asked || prompt.echo) return '';
          asked = true;
          return password;
        }),
      );
    },
  };
  return [{ method, label: 'the password (keyboard-interactive)', attempt }];
}

/** An agent that offers a single one of another agent's keys, so that each can be tried in its turn. */
class OneKeyAgent extends ssh2.BaseAgent {
  readonly #identity: AgentIdentity;

  constructor(identity: AgentIdentity) {
    super();
    this.#identity = identity;
  }

  override getIdentities(callback: IdentityCallback): void {
    callback(null, [this.#identity.key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const { agent } = this.#identity;
    if (typeof options === 'function') agent.sign(key, data, options);
    else agent.sign(key, data, options, done);
  }
}
