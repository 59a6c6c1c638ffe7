/** Webpack loads of a JSON file that a script imports what is used of it. */
declare module '*/package.json' {
  const contents: { name: string; version: string };
  export default contents;
}
