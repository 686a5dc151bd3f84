// pdfmake for plain Node, with the types of pdf-layout.d.mts: its own bring those of browsers along, which this layer must not see.
export { default } from 'pdfmake'
