import type { BecomeMethod } from '../become-methods.ts';

/** What a command on a host came to. Output is UTF-8; other bytes are kept in the text (python/bytes.ts). */
export interface CommandResult {
  /** The exit code; 128 + n when signal n ended it. */
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who a command runs as, when not as the user that logged in. */
export interface Become {
  readonly method: BecomeMethod;
  readonly user: string;
  /** Asked for by sudo or su; never put on a command line. */
  readonly password?: string | undefined;
  /** Flags in place of the method's usual ones (`-H -S -n` of sudo). */
  readonly flags?: string | undefined;
  /** The program in place of the method's name. */
  readonly exe?: string | undefined;
}

/** One thing to run on a host: a text for POSIX sh. */
export interface RunRequest {
  /**
   * The sh text, for any POSIX sh. It may have many lines; it is run by a process of its own, so `exit` and `cd` touch nothing
   * else. Texts that users wrote are to be handed to a shell of theirs: `exec "$kplay_shell" -c …`.
   */
  readonly script: string;
  /** What the script reads as its standard input; nothing (end of file) when absent. Binary safe. */
  readonly stdin?: Buffer | string | undefined;
  /** Variables added to the script's environment. They do not appear on a command line. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Whether the script finds system tools (groupadd, sysctl …) where the user's PATH, or that of `environment`, does not lead to them. */
  readonly systemTools?: boolean | undefined;
  readonly become?: Become | undefined;
  /** Seconds after which the command and its children are ended and {@link CommandTimeout} is thrown. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Seconds for which a command outlives a connection that broke: within them it is found again, and its result taken once.
   * Absent: it ends with the connection.
   */
  readonly reattachSeconds?: number | undefined;
  /** Whether the script only reads: after a connection that broke it is run again rather than found again. */
  readonly repeatable?: boolean | undefined;
  /** Called with output as it arrives, for the live view. */
  readonly onOutput?: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
}

/** How a file that is sent is to look when it stands at its place. Absent: as the file that is replaced, else the umask's. */
export interface FileAttributes {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** How a file is put in place. Attributes that are not given are those of the file that it replaces, else the usual ones. */
export interface Placement extends FileAttributes {
  /** What stat said of the file that is to be replaced, as `identityFormat` has it, or `nothing`; anything may be replaced without it. */
  readonly replaces?: string | undefined;
  /** A name in the same directory under which the replaced file is kept. */
  readonly backup?: string | undefined;
}

/**
 * The way to one host: one connection, long-lived shells in it. Calls may overlap; they run in the order they came
 * per identity. Every call throws {@link Unreachable} once the host cannot be talked to.
 */
export interface Connection {
  /** Makes the connection; done by the first call of the others too. Throws {@link Unreachable}. */
  open(): Promise<void>;
  run(request: RunRequest): Promise<CommandResult>;
  /**
   * Sends a file of this machine (a path) or bytes to `destination`, which must be a plain path in a folder that exists:
   * written to a temporary name beside it that others cannot read, synced, given its attributes, renamed.
   * A link at `destination` is replaced. Streams; memory use does not depend on the size. Throws {@link TransferError} when
   * the host refuses (full disk …), leaving nothing behind, and {@link FileChanged} when another file is to be replaced than
   * `placement` says. When the connection breaks it is sent again within `reattachSeconds`.
   */
  send(
    source: string | Buffer,
    destination: string,
    placement: Placement,
    become?: Become,
    reattachSeconds?: number,
  ): Promise<void>;
  /**
   * Fetches a file of the host to a path here (streams; written beside it and renamed), again when the connection breaks
   * within `reattachSeconds`. Throws {@link TransferError}.
   */
  fetch(source: string, destination: string, become?: Become, reattachSeconds?: number): Promise<void>;
  /** Ends what still runs there for this connection, and the connection. Safe to call twice. */
  close(): Promise<void>;
  /** Drops the connection so that the next call makes a new one (reboot, meta: reset_connection). */
  reset(): Promise<void>;
}

/** The host cannot be reached, or was lost in the middle of something. The message is a sentence that says why. */
export class Unreachable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Unreachable';
  }
}

/** A connection that had been made broke, or was closed by the host. */
export class ConnectionLost extends Unreachable {
  constructor(message: string) {
    super(message);
    this.name = 'ConnectionLost';
  }
}

/** A command ran longer than it may; it was ended on the host. Carries the output that it had made. */
export class CommandTimeout extends Error {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  constructor(seconds: number, stdout: string, stderr: string) {
    super(`the command did not end within ${seconds} s and was stopped`);
    this.name = 'CommandTimeout';
    this.seconds = seconds;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** What was asked for is nothing that a shell can take: a NUL byte, a bad name of an environment variable. */
export class RequestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RequestError';
  }
}

/** A file could not be sent or fetched; the host's own words are in the message. */
export class TransferError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransferError';
  }
}

/** A file was changed after it had been read, so that it was not replaced. */
export class FileChanged extends TransferError {
  constructor(message: string) {
    super(message);
    this.name = 'FileChanged';
  }
}

/** Everything needed to make a connection, taken from variables, keywords, flags and ~/.ssh/config by the executor. */
export interface ConnectionSettings {
  /** `ssh` is kplay's own SSH where that does, else OpenSSH's client; `openssh` is that client. */
  readonly kind: 'ssh' | 'openssh' | 'local';
  /** Address or name to connect to, before ~/.ssh/config is applied. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  /** A private key itself; it is tried before all others. */
  readonly privateKey?: string | undefined;
  readonly privateKeyPassphrase?: string | undefined;
  /** Extra OpenSSH options, e.g. `-o ProxyJump=bastion -o StrictHostKeyChecking=no`; one that is not understood is an error. */
  readonly sshArgs?: string | undefined;
  /** OpenSSH's client, where it is not `ssh` of the PATH. */
  readonly sshExecutable?: string | undefined;
  /** Seconds for the connection to stand. */
  readonly connectTimeoutSeconds: number;
  /** Whether an unknown or changed host key is refused (default) or accepted. */
  readonly hostKeyChecking: boolean;
  /** Times to try again when the connection cannot be made. */
  readonly retries?: number | undefined;
  /** The shell that runs scripts there (default /bin/sh). */
  readonly shell?: string | undefined;
}
