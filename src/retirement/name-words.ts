/** The length from which a word of a name is looked for: shorter ones are words of too many other texts. */
export const shortestWord = 3

/** Returns the words of a name that tell of a person within other texts. */
export function wordsOfName(name: string): string[] {
  return name.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word.length >= shortestWord)
}
