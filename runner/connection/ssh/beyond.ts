/** Something that kplay's own SSH cannot do, and that OpenSSH's client may. */
export interface Beyond {
  /** What it is about, for telling it once: hosts that have the same kind have the same reason. */
  readonly kind: 'algorithms' | 'host certificate' | 'keys' | 'method' | 'option';
  /** Why kplay's own SSH does not do, as the rest of a sentence behind "since". */
  readonly why: string;
  /** Whether a password was sent and refused: it would count again, and three may lock its user out. */
  readonly passwordRefused?: boolean | undefined;
}

const known = new WeakMap<Error, Beyond>();

/** Notes at an error that OpenSSH's client may do what failed. */
export function markBeyond<E extends Error>(error: E, beyond: Beyond): E {
  known.set(error, beyond);
  return error;
}

/** {@link markBeyond} for an option that is not known here; the error says which. */
export function markOption<E extends Error>(error: E): E {
  return markBeyond(error, { kind: 'option', why: `it does not do all that is asked for: ${error.message}` });
}

/** What an error, or what caused it, was marked with. */
export function beyondOf(error: unknown): Beyond | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const beyond = known.get(cause);
    if (beyond) return beyond;
  }
  return undefined;
}
