import { foldIdentifier } from '../values/text.ts'

/**
 * Folds the letter case and the compatibility characters of a text (see `foldIdentifier`), and drops characters that are not
 * seen. Of marks that stand in a row on one letter thirty are kept (UAX #15, stream-safe text): normalisation would take time
 * that grows with the square of their number.
 */
export function foldText(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  const seen = text.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  return foldIdentifier(seen.replace(/(\p{M}{30})\p{M}+/gu, '$1'))
}
