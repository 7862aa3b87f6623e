import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findBrowser } from './support/browser.ts'

const root = join(import.meta.dirname, '..')

/** A link that leads nowhere, as `page -> link`. */
type Broken = string

/** The ids to which the links of a page can lead, and its links to other files and ids. */
interface Linked {
  readonly ids: ReadonlySet<string>
  readonly links: readonly string[]
}

/** Returns the links between some files that lead to no file or to no place in one. Links to the web are not followed. */
function brokenLinks(folder: string, pages: ReadonlyMap<string, Linked>): Broken[] {
  return [...pages].flatMap(([page, { links }]) =>
    links
      .filter((link) => {
        if (/^[a-z]+:/.test(link)) return false
        const [path = '', id = ''] = decodeURI(link).split('#')
        const file = path === '' ? page : normalize(join(dirname(page), path))
        const isThere = existsSync(join(folder, file))
        return !isThere || (id !== '' && pages.get(file)?.ids.has(id) === false)
      })
      .map((link) => `${page} -> ${link}`),
  )
}

/** Returns what a page of Markdown links to; code is no link. */
function linkedMarkdown(text: string): Linked {
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[[\]]/g, ''))
  const ids = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  return { ids: new Set(ids), links: [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link) }
}

function linkedHtml(text: string): Linked {
  const valuesOf = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, value = '']) => value.replaceAll('&amp;', '&').replaceAll('&#39;', "'"))
  return { ids: new Set(valuesOf(/\bid="([^"]*)"/g)), links: valuesOf(/\b(?:href|src)="([^"]*)"/g) }
}

function pagesOf(folder: string, files: readonly string[], read: (text: string) => Linked): Map<string, Linked> {
  return new Map(files.map((file) => [file, read(readFileSync(join(folder, file), 'utf8'))]))
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Serves the files of a folder for one test, and returns the address of its first page. */
async function serve(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const file = join(folder, normalize(decodeURI(pathname)))
    if (!existsSync(file)) return response.writeHead(404).end()
    return response
      .setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
      .end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`
}

it('the links of the README, the guides and the pages beside them lead to files and headings that there are', () => {
  const files = ['*.md', 'examples/*.md', 'examples/guides/*.md'].flatMap((pattern) => globSync(pattern, { cwd: root }))
  const pages = pagesOf(root, files, linkedMarkdown)
  expect([...pages.values()].flatMap(({ links }) => links).length).toBeGreaterThan(60)
  expect(brokenLinks(root, pages)).toEqual([])
})

it('a link to no file and one to no heading are found', () => {
  const text =
    '# One\n[a](README.md) [b](nowhere.md) [c](#one) [d](#two) [e](CHANGELOG.md#added) [f](CHANGELOG.md#gone) `[g](h)`'
  const changelog = linkedMarkdown(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
  const pages = new Map([
    ['x.md', linkedMarkdown(text)],
    ['CHANGELOG.md', changelog],
  ])
  // A page that is not there itself has headings all the same.
  expect(brokenLinks(root, pages)).toEqual([
    'x.md -> nowhere.md',
    'x.md -> #one',
    'x.md -> #two',
    'x.md -> CHANGELOG.md#gone',
  ])
})

describe('the site of documents', () => {
  const site = mkdtempSync(join(tmpdir(), 'usercore-docs-'))
  afterAll(() => rmSync(site, { recursive: true }))
  beforeAll(async () => {
    const typedoc = join(root, 'test', 'docs', 'node_modules', 'typedoc', 'bin', 'typedoc')
    const options = ['--options', join(root, 'test', 'docs', 'typedoc.json'), '--out', site, '--logLevel', 'Warn']
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [typedoc, ...options]).catch(
      (error) => error,
    )
    expect(stdout + stderr).toBe('')
  }, 300_000)

  it('has every guide, under its title', () => {
    const guides = globSync('examples/guides/*.md', { cwd: root }).map((file) => file.replace(/.*\/(.*)\.md$/, '$1'))
    const index = readFileSync(join(site, 'modules.html'), 'utf8')
    for (const guide of guides) {
      const [, title = ''] =
        /^title: (.*)$/m.exec(readFileSync(join(root, 'examples', 'guides', `${guide}.md`), 'utf8')) ?? []
      expect(title).not.toBe('')
      expect(index).toContain(title)
      expect(readFileSync(join(site, 'index.html'), 'utf8')).toContain(title)
    }
  })

  it('has no link that leads nowhere', () => {
    const pages = pagesOf(site, globSync('**/*.html', { cwd: site }), linkedHtml)
    expect(pages.size).toBeGreaterThan(400)
    expect([...pages.values()].flatMap(({ links }) => links).length).toBeGreaterThan(10_000)
    expect(brokenLinks(site, pages)).toEqual([])
  })

  it('opens in a browser, from the first page to a guide', async ({ skip }) => {
    const executablePath = findBrowser()
    skip(executablePath === undefined, 'no browser is installed: apt-get install chromium')
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    const failures: string[] = []
    page.on('pageerror', ({ message }) => failures.push(message))
    page.on('response', (response) => response.status() >= 400 && failures.push(response.url()))
    await page.goto(await serve(site))
    expect(await page.getByRole('heading', { name: 'usercore', level: 1 }).count()).toBeGreaterThan(0)
    await page.getByRole('link', { name: 'Ten minutes to a route' }).first().click()
    await page.waitForURL(/\/documents\/Ten/)
    expect(await page.getByRole('heading', { name: 'Ten minutes to a route', level: 1 }).count()).toBeGreaterThan(0)
    expect(failures).toEqual([])
  })
}, 120_000)
