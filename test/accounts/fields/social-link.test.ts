import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSocialLinks, formatSocialLink } from '../../../src/accounts/fields/social-link.ts'
import { resolveSettings } from '../../../src/site/settings.ts'

const settings = resolveSettings()
const { social_platforms: platforms } = settings

describe('formatSocialLink', () => {
  it.each([
    ['facebook.com/', 'edX', 'https://www.facebook.com/edX'],
    ['facebook.com/', ' edX ', 'https://www.facebook.com/edX'],
    ['facebook.com/', 'www.facebook.com/edX', 'https://www.facebook.com/edX'],
    ['facebook.com/', 'HTTP://Facebook.com/edX/', 'https://www.facebook.com/edX'],
    ['x.com/', 'x.com/edX?foo=bar', 'https://www.x.com/edX?foo=bar'],
    ['linkedin.com/in/', 'https://www.linkedin.com/in/harryrein-1234/', 'https://www.linkedin.com/in/harryrein-1234'],
    ['linkedin.com/in/', 'José', 'https://www.linkedin.com/in/José'],
    ['x.com/', '', ''],
    ['x.com/', '  ', ''],
  ])('for %s makes of %s', (stub, typed, address) => expect(formatSocialLink(stub, typed)).toBe(address))

  it.each([
    ['x.com/', 'netflix.com/bob'],
    ['x.com/', 'https://evil.example/x.com/bob'],
    ['facebook.com/', 'https://m.facebook.com/bob'],
    ['facebook.com/', 'facebook.com.evil.example/bob'],
    ['facebook.com/', 'facebook.com/'],
    ['linkedin.com/in/', 'www.linkedin.com/harryrein'],
    ['linkedin.com/in/', 'www.evilwebsite.com/123?www.linkedin.com/edX'],
    ['x.com/', 'x.com/edX//'],
    ['x.com/', 'x.com/x.com/bob'],
    ['x.com/', 'javascript:alert(1)'],
    ['x.com/', 'user@evil.example'],
    ['x.com/', 'bob smith'],
    ['x.com/', 'bob"onload=1'],
    ['x.com/', 'bob\nx'],
  ])('for %s refuses %s', (stub, typed) => expect(formatSocialLink(stub, typed)).toBeUndefined())

  it('always makes an address of the platform, and makes the same of it again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(platforms)), fc.string({ unit: 'binary' }), (stub, typed) => {
        const address = formatSocialLink(stub, typed)
        fc.pre(address !== undefined && address !== '')
        const url = new URL(address as string)
        expect(url.host).toBe(`www.${stub.split('/')[0]}`)
        expect(formatSocialLink(stub, address as string)).toBe(address)
      }),
    )
  })
})

describe('checkSocialLinks', () => {
  const stored = [
    { platform: 'facebook', social_link: 'https://www.facebook.com/a' },
    { platform: 'x', social_link: 'https://www.x.com/b' },
  ]

  const check = (value: unknown, links = stored) => checkSocialLinks(value, links, settings)
  const codes = (value: unknown) => {
    const checked = check(value)
    return 'issues' in checked ? checked.issues.map(({ pointer, code }) => `${pointer} ${code}`) : []
  }

  it('replaces the platforms that are named and keeps the others, sorted', () => {
    expect(
      check([
        { platform: 'linkedin', social_link: 'l' },
        { platform: 'x', social_link: 'x.com/new' },
      ]),
    ).toEqual({
      value: [
        stored[0],
        { platform: 'linkedin', social_link: 'https://www.linkedin.com/in/l' },
        { platform: 'x', social_link: 'https://www.x.com/new' },
      ],
    })
  })

  it('removes a platform by an empty link, also one that is not there', () => {
    const value = [
      { platform: 'facebook', social_link: '' },
      { platform: 'linkedin', social_link: '' },
    ]
    expect(check(value)).toEqual({ value: [stored[1]] })
  })

  it.each(['twitter', 'xTwitter'])('takes %s for x, as older pages call it, and puts it in its place', (platform) => {
    const old = [...stored, { platform, social_link: 'https://www.twitter.com/old' }]
    const link = { platform: 'x', social_link: 'https://www.x.com/new' }
    expect(check([{ platform, social_link: 'new' }], old)).toEqual({ value: [stored[0], link] })
    expect(check([{ platform, social_link: '' }], old)).toEqual({ value: [stored[0]] })
    expect(
      codes([
        { platform, social_link: 'a' },
        { platform: 'x', social_link: 'a' },
      ]),
    ).toEqual(['/social_links/1/platform duplicate'])
  })

  it('changes nothing by an empty list', () => expect(check([])).toEqual({ value: stored }))

  it.each([
    [null, ['/social_links not_a_list']],
    [['x'], ['/social_links/0 not_an_object']],
    [[{ platform: 'y', social_link: 'a' }], ['/social_links/0/platform unknown_platform']],
    [[{ platform: 'constructor', social_link: 'a' }], ['/social_links/0/platform unknown_platform']],
    [[{ platform: 'x' }], ['/social_links/0/social_link invalid_format']],
    [[{ platform: 'x', social_link: null }], ['/social_links/0/social_link invalid_format']],
    [[{ platform: 'x', social_link: 'a'.repeat(101) }], ['/social_links/0/social_link too_long']],
    [
      [
        { platform: 'x', social_link: 'a' },
        { platform: 'x', social_link: '' },
      ],
      ['/social_links/1/platform duplicate'],
    ],
    [
      [{ platform: 'y', social_link: 'a' }, 1],
      ['/social_links/0/platform unknown_platform', '/social_links/1 not_an_object'],
    ],
  ])('refuses %j', (value, expected) => expect(codes(value)).toEqual(expected))
})
