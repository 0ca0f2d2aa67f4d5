// node-redis as redis_story.js wants it: each of its own ways under a plain name.

'use strict'

const { createClient, RESP_TYPES, WatchError } = require('redis')

async function connect(port, version) {
  const client = createClient({ RESP: version, socket: { host: '127.0.0.1', port } })
  const inBuffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  client.on('error', () => {}) // it connects again; a call that fails says so
  await client.connect()

  return {
    get: (key) => inBuffers.get(key),
    set: (key, value) => client.set(key, value),
    setMany: (words) => client.mSet(words),
    watch: (key) => client.watch(key),
    close: () => client.close(),
    reconnected: () => new Promise((resolve) => client.once('ready', resolve)),

    // What is asked in one turn goes out as one pipeline.
    incrementMany: (key, times) =>
      Promise.all(Array.from({ length: times }, () => client.incr(key))),

    async transaction(key) {
      try {
        return await client.multi().set(key, '1').incr(key).get(key).exec()
      } catch (problem) {
        if (problem instanceof WatchError) return null
        throw problem
      }
    },

    async scan(match, count) {
      const keys = []
      for await (const page of client.scanIterator({ MATCH: match, COUNT: count }))
        keys.push(...page)
      return keys
    }
  }
}

module.exports = { connect }
