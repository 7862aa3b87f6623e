import { existsSync } from 'node:fs'

/** The path at which Debian and others install Chromium; `TEST_BROWSER` names another one. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser of this machine; undefined where none is installed. */
export function findBrowser(): string | undefined {
  const { TEST_BROWSER } = process.env
  return (TEST_BROWSER ? [TEST_BROWSER] : places).find((path) => existsSync(path))
}
