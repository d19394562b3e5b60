import type { Readable, Writable } from 'node:stream';

/** How the program at the other end of a channel ended; both absent when nobody said. */
export interface ChannelEnd {
  readonly code?: number | undefined;
  /** A signal's name without SIG: `KILL`. */
  readonly signal?: string | undefined;
}

/** A program started on a host (an SSH exec channel) or here (a child process), with its three streams. */
export interface Channel {
  /** The connection that it goes over. */
  readonly transport: Transport;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once the program ended, or the channel was lost; never rejects. Output may still arrive after it. */
  readonly ended: Promise<ChannelEnd>;
  /** Settles once nothing more will arrive; never rejects. */
  readonly closed: Promise<void>;
  /**
   * Kills the program with its process group, before {@link destroy}, for one that has run nothing for us yet. An sshd does it where it
   * can (OpenSSH since 7.9, not for a ForceCommand).
   */
  kill(): void;
  /** Drops the channel without waiting for anything. */
  destroy(): void;
}

/** Something that can start programs on a host: an SSH connection, or this machine. */
export interface Transport {
  /** Starts `command`, a text for the login shell of the user there. Throws {@link Unreachable}. */
  openChannel(command: string): Promise<Channel>;
  /** Why the transport can no longer be used, once it was lost or closed. */
  readonly lost: Error | undefined;
  /** Settles with the reason once the transport is lost or closed; never rejects. */
  readonly whenLost: Promise<Error>;
  /** Ends the transport. Safe to call twice. */
  close(): Promise<void>;
}
