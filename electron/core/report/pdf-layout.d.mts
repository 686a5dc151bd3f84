/** What is used of pdfmake. */
interface PdfMaker {
  setFonts(fonts: Record<string, Record<string, string>>): void
  setUrlAccessPolicy(mayRead: (url: string) => boolean): void
  setLocalAccessPolicy(mayRead: (path: string) => boolean): void
  createPdf(definition: {
    info: Record<string, string>
    pageSize: string
    pageMargins: readonly number[]
    defaultStyle: object
    footer(page: number, pages: number): object
    content: readonly object[]
  }): { getBuffer(): Promise<Uint8Array> }
}

declare const pdfmake: PdfMaker
export default pdfmake
