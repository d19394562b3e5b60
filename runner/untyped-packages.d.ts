/* Files of packages that come without types; what they hold is said where they are imported. */

declare module 'nunjucks/src/nodes.js' {
  const nodes: unknown;
  export default nodes;
}

declare module 'nunjucks/src/parser.js' {
  const parser: unknown;
  export default parser;
}

declare module 'ssh2/lib/protocol/constants.js' {
  const constants: unknown;
  export default constants;
}
