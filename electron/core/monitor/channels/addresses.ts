import { BlockList, isIP } from 'node:net'

/** Nobody receives alerts there, whatever is allowed: addresses of this link (those of cloud metadata among them), of groups, or of nothing. */
const never = new BlockList()
never.addSubnet('0.0.0.0', 8)
never.addSubnet('169.254.0.0', 16)
never.addSubnet('224.0.0.0', 4)
never.addSubnet('240.0.0.0', 4)
never.addAddress('::', 'ipv6')
never.addSubnet('fe80::', 10, 'ipv6')
never.addSubnet('ff00::', 8, 'ipv6')

/** Networks that are not public: reached only where a person allows it, else a webhook could be pointed at a machine of the house. */
const inside = new BlockList()
inside.addSubnet('10.0.0.0', 8)
inside.addSubnet('100.64.0.0', 10)
inside.addSubnet('127.0.0.0', 8)
inside.addSubnet('172.16.0.0', 12)
inside.addSubnet('192.0.0.0', 24)
inside.addSubnet('192.0.2.0', 24)
inside.addSubnet('192.168.0.0', 16)
inside.addSubnet('198.18.0.0', 15)
inside.addSubnet('198.51.100.0', 24)
inside.addSubnet('203.0.113.0', 24)
inside.addAddress('::1', 'ipv6')
inside.addSubnet('fc00::', 7, 'ipv6')
inside.addSubnet('2001:db8::', 32, 'ipv6')

/** Why nothing is sent to an address; null: it may be. An IPv4 address that is written within an IPv6 one counts as what it is. */
export function addressRefusal(address: string, allowsPrivate: boolean): 'never' | 'private' | null {
  const plain = unwrapped(address)
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(plain) === 0 || never.check(plain, family)) return 'never'
  return !allowsPrivate && inside.check(plain, family) ? 'private' : null
}

/** The IPv4 address within a mapped (::ffff:a.b.c.d), translated (64:ff9b::/96) or 6to4 (2002::/16) one. */
function unwrapped(address: string): string {
  const bare = address.split('%')[0]!
  if (isIP(bare) !== 6) return bare
  const groups = groupsOf(bare)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  const isTranslated = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0)
  if (isMapped || isTranslated) return dotted(groups[6]!, groups[7]!)
  return groups[0] === 0x2002 ? dotted(groups[1]!, groups[2]!) : bare
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const dots = /[\d.]+$/.exec(address)?.[0] ?? ''
  const bytes = dots.includes('.') ? dots.split('.').map(Number) : []
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  const pair = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  const withoutDots = bytes.length === 0 ? address : address.slice(0, -dots.length) + pair
  const [head = '', tail] = withoutDots.split('::')
  const parse = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const before = parse(head)
  if (tail === undefined) return before
  const after = parse(tail)
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
