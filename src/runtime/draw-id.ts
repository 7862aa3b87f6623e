import { v7 as uuid7 } from 'uuid'

/** Draws the id of a row: a UUID of version 7, so that later rows stand behind earlier ones. */
export function drawId(): string {
  return uuid7()
}
