/** Sizes of the icons that a Linux desktop looks for. */
export const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512] as const

/** Sizes in an .ico: the title bar, the task bar and the desktop of Windows, at usual magnifications. */
const windowsSizes = [16, 24, 32, 48, 64, 128, 256] as const

/** Kinds of picture in an .icns, with the pixels that each has; those of double density come with the others. */
const macKinds = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 } as const

const ICO_ENTRY = 16

/** An .ico of PNGs, as Windows has read them since Vista. */
export function icoOf(draw: (size: number) => Buffer): Buffer {
  const pictures = windowsSizes.map((size) => ({ size, png: draw(size) }))
  const header = Buffer.alloc(6 + ICO_ENTRY * pictures.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let place = header.length
  for (const [i, { size, png }] of pictures.entries()) {
    const at = 6 + ICO_ENTRY * i
    // Width and height 0 mean 256; then colours, a spare byte, planes, bits, bytes and place of the picture.
    header.set([size % 256, size % 256], at)
    header.writeUInt16LE(1, at + 4)
    header.writeUInt16LE(32, at + 6)
    header.writeUInt32LE(png.length, at + 8)
    header.writeUInt32LE(place, at + 12)
    place += png.length
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)])
}

/** An .icns of PNGs for macOS. */
export function icnsOf(draw: (size: number) => Buffer): Buffer {
  const drawn = new Map<number, Buffer>()
  const parts = Object.entries(macKinds).map(([kind, size]) => {
    const png = drawn.get(size) ?? draw(size)
    drawn.set(size, png)
    return framed(kind, png)
  })
  return framed('icns', Buffer.concat(parts))
}

/** Four letters, the length with this head, and the content. */
function framed(kind: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(kind, 0, 'latin1')
  head.writeUInt32BE(8 + content.length, 4)
  return Buffer.concat([head, content])
}
