const collections =
  /^(?:ansible\.(?:builtin|legacy|utils|netcommon|posix)|community\.(?:general|crypto|docker)|kubernetes\.core)\./;

/** The name of a filter, test or lookup without its collection. */
export function baseNameOf(name: string): string {
  return name.includes('.') ? name.replace(collections, '') : name;
}
