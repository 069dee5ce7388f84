const PLAIN = /^[!-~]*$/

/**
 * A name without anything that people can't see or tell apart: case, spaces, invisible characters, and other forms of
 * the same characters (Unicode's NFKC: a full-width letter becomes the plain letter).
 */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase()
  const visible = name.normalize('NFKD').replace(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{C}]/gu, '')
  // Upper case first: "ß" equals "SS", and both forms of the Greek sigma are equal.
  return visible.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}
