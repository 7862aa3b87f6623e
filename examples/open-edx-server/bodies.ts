import type { Context } from 'hono'
import { detailed } from './errors.ts'

/** The media type of the body, without parameters. */
export function mediaType(c: Context): string {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The body as JSON, whatever it is called. */
export async function readJson(c: Context): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text())
  } catch {
    throw detailed(400)
  }
}

/** The parts of a form. Any other body is no form, and has none. */
export async function readParts(c: Context): Promise<Record<string, string | File>> {
  if (!isForm(c)) return {}
  try {
    return await c.req.parseBody()
  } catch {
    throw detailed(400)
  }
}

/** The members of a form; parts that are files are left out. */
export async function readForm(c: Context): Promise<Record<string, string>> {
  const parts = Object.entries(await readParts(c))
  return Object.fromEntries(parts.filter((part): part is [string, string] => typeof part[1] === 'string'))
}

/** A body that may be JSON or a form, as the framework of Open edX takes it. No body counts as `{}`. */
export async function readData(c: Context): Promise<unknown> {
  if (isForm(c)) return readForm(c)
  const text = await c.req.text()
  if (text === '') return {}
  if (mediaType(c) !== 'application/json') throw detailed(415)
  return readJson(c)
}

/** The members of such a body; a list, a text or a number has none. */
export async function readMembers(c: Context): Promise<Record<string, unknown>> {
  const data = await readData(c)
  return isObject(data) ? data : {}
}

/** The members of a JSON body, where forms are not taken. */
export async function readJsonMembers(c: Context): Promise<Record<string, unknown>> {
  if (isForm(c)) throw detailed(415)
  return readMembers(c)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isForm(c: Context): boolean {
  return ['application/x-www-form-urlencoded', 'multipart/form-data'].includes(mediaType(c))
}

/** Tells whether a value is a list of pairs: the username now, and the one that it becomes. */
export function isMappings(value: unknown): value is readonly Readonly<Record<string, string>>[] {
  return Array.isArray(value) && value.every(isMapping)
}

function isMapping(value: unknown): boolean {
  const names = isObject(value) ? Object.values(value) : []
  return names.length === 1 && typeof names[0] === 'string'
}
