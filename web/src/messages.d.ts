/** Parts of a language's words, made by messages.js. */
declare module '*.json?first' {
  const messages: Readonly<Record<string, string>>;
  export default messages;
}

declare module '*.json?rest' {
  const messages: Readonly<Record<string, string>>;
  export default messages;
}
