/** Lets those who ask for the same name have it one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits until all who asked for the name before have given it back; gives what gives it back. */
  async take(name: string): Promise<() => void> {
    const before = this.#last.get(name);
    let release = (): void => {};
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    const last = (before ?? Promise.resolve()).then(() => mine);
    this.#last.set(name, last);
    void last.then(() => {
      if (this.#last.get(name) === last) this.#last.delete(name);
    });
    await before;
    return release;
  }
}
