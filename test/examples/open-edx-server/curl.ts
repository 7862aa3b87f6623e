/** What a curl command asks for. */
export interface CurlRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Reads a curl command as a shell and curl do, as far as commands here go: `-X`, `-H`, `-d`, `-c`. */
export function readCurl(command: string): CurlRequest {
  const [name, ...words] = [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  if (name !== 'curl') throw new Error(`no curl command: ${name}`)
  const headers: Record<string, string> = {}
  const data: string[] = []
  let [method, url] = ['', '']
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('-')) url = word
    else if (word === '-X') method = words.shift() ?? ''
    else if (word === '-d') data.push(words.shift() ?? '')
    else if (word === '-c') words.shift()
    else if (word === '-H') {
      const [, header = '', value = ''] = /^([^:]+): (.*)$/.exec(words.shift() ?? '') ?? []
      headers[header] = value
    } else throw new Error(`an option that is not known: ${word}`)
  }
  if (data.length > 0) headers['Content-Type'] ??= 'application/x-www-form-urlencoded'
  return { method: method || (data.length > 0 ? 'POST' : 'GET'), url, headers, body: data.join('&') }
}
