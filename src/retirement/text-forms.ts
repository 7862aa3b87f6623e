/** The most times that a text is decoded: one that was encoded more often is no slip. */
const mostTimes = 3

/** Returns a text with what it stands for: percent-encoded, and with backslashes as in JSON. */
export function formsOfText(text: string): string[] {
  const forms = [text]
  for (let last = text; forms.length <= mostTimes && /[%\\]/.test(last); last = forms.at(-1) ?? '') {
    const decoded = withoutPercent(withoutBackslashes(last))
    if (decoded === last) break
    forms.push(decoded)
  }
  return forms
}

/** Decodes bytes of UTF-8. What is none becomes U+FFFD, and all else stays as it is. */
function withoutPercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
}

/** Letters behind a backslash that stand for white space. */
const blanks = 'nrtbfv'

function withoutBackslashes(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gis,
    (_, unit?: string, byte?: string, character = '') => {
      const code = unit ?? byte
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      return blanks.includes(character) ? ' ' : character
    },
  )
}
