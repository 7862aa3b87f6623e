/** Returns the pattern of a name among ids and digests, whose hexadecimal digits spell "ada" or "bea" by chance. */
export const spelled = (name: string) => new RegExp(`(?<![0-9a-f])(?:${name})(?![0-9a-f])`, 'i')
