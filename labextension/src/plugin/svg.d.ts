/** Webpack loads an SVG that a script imports as its text. */
declare module '*.svg' {
  const text: string;
  export default text;
}
