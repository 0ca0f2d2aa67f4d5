// Rows through npm's classic-level, as lines of hexadecimal: `key value`, in order of keys.
//
//     node classic.js load DIRECTORY     writes the rows of standard input
//     node classic.js dump DIRECTORY     prints all rows
//
// NODE_PATH names the directory that classic-level was installed into.

'use strict'

const fs = require('node:fs')
const { ClassicLevel } = require('classic-level')

async function load(database) {
  const lines = fs.readFileSync(0, 'latin1').split('\n').slice(0, -1)
  const rows = lines.map((line) => line.split(' ').map((hex) => Buffer.from(hex, 'hex')))
  for (let i = 0; i < rows.length; i += 1000) {
    await database.batch(
      rows.slice(i, i + 1000).map(([key, value]) => ({ type: 'put', key, value }))
    )
  }
}

async function dump(database) {
  const rows = await database.iterator().all()
  const lines = rows.map(([key, value]) => `${key.toString('hex')} ${value.toString('hex')}\n`)
  fs.writeFileSync(1, lines.join(''))
}

async function main([verb, directory]) {
  const database = new ClassicLevel(directory, {
    createIfMissing: verb === 'load',
    keyEncoding: 'buffer',
    valueEncoding: 'buffer'
  })
  await { load, dump }[verb](database)
  await database.close()
}

main(process.argv.slice(2)).catch((problem) => {
  console.error(problem)
  process.exitCode = 1
})
