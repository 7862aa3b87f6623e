import type { RandomBytes } from '../../site/context.ts'

const length = 4

/**
 * Draws the end of a username whose wanted form is taken: letters and digits in turn, either kind first.
 * Source: Open edX, `_generate_unique_username`.
 */
export function drawUsernameSuffix(random: RandomBytes): string {
  const [first = 0, ...rest] = random(length + 1)
  return rest
    .map((byte, index) => (index % 2 === first % 2 ? String.fromCharCode(97 + (byte % 26)) : String(byte % 10)))
    .join('')
}
