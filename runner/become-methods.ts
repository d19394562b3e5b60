/** The ways from one user of a host to another; sudo-rs is a sudo. */
const becomeMethods = ['sudo', 'su', 'doas', 'run0'] as const;

export type BecomeMethod = (typeof becomeMethods)[number];

/** What to use in place of a method that kplay has not. */
export const becomeMethodsHint = 'Use sudo, su, doas or run0.';

/** The method that a name means, which may begin with its collection's; undefined for one that kplay has not. */
export function becomeMethodOf(name: string): BecomeMethod | undefined {
  const method = name.replace(/^(ansible\.(builtin|legacy)|community\.general)\./, '');
  return becomeMethods.find((known) => known === method);
}

/** The sentence about a method that kplay has not. */
export function unknownBecomeMethod(name: string): string {
  return `The become method "${name}" is not supported.`;
}
