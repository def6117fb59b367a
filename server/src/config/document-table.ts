/** A table of a document that is made from the code and stands between two markers of that document. */
export interface DocumentTable {
  /** Path from the top folder. */
  readonly document: string;
  readonly begin: string;
  readonly end: string;
  readonly content: () => string;
}

/**
 * The document with what stands between the markers replaced by the table's present content.
 *
 * @throws when the markers are not there, once each and in order.
 */
export function withTable(text: string, { begin, end, content }: DocumentTable): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document needs the lines ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${content()}\n\n${text.slice(to)}`;
}
