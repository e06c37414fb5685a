// Runs inside the walls (and, for controls, outside): carries out the attacks of ATTACKS, a JSON file, one after another,
// and prints the names of those that came through. What an attack may use is named in `words`.
const fs = require('node:fs');
const net = require('node:net');
const cp = require('node:child_process');
const koffi = require(process.env.KOFFI);

const numbers = JSON.parse(process.env.NUMBERS);
const raw = koffi.load(null).func('syscall', 'int64', Array(7).fill('int64'));
const address = (buffer) => koffi.address(buffer);
const cstring = (text) => Buffer.from(`${text}\0`);

/** A system call by name or number; what the kernel answers: a value, or -errno. */
function call(name, ...given) {
  const number = typeof name === 'number' ? name : numbers[name];
  if (number === undefined || number < 0) throw new Error(`no number for ${name}`);
  const words = given.map((word) => (Buffer.isBuffer(word) ? address(word) : word));
  while (words.length < 6) words.push(0);
  const value = Number(raw(number, ...words));
  return value === -1 ? -koffi.errno() : value;
}

const waitMs = 700;

/** Whether something answers there. */
function reaches(where) {
  return new Promise((resolve) => {
    const socket = net.connect(where);
    const end = (found) => {
      socket.destroy();
      resolve(found);
    };
    setTimeout(end, waitMs, false);
    socket.on('connect', () => end(true)).on('error', () => end(false));
  });
}

function reachesByUdp(port, host) {
  return new Promise((resolve) => {
    try {
      const socket = require('node:dgram').createSocket('udp4');
      const end = (found) => {
        socket.close();
        resolve(found);
      };
      const timer = setTimeout(end, waitMs, false);
      socket.on('error', () => {}).on('message', () => {
        clearTimeout(timer);
        end(true);
      });
      // A question that any name server answers, and our own listener, too.
      const question = Buffer.from('abcd01000001000000000000076578616d706c65036f72670000010001', 'hex');
      socket.send(question, port, host, () => {});
    } catch {
      resolve(false);
    }
  });
}

async function main() {
  const { env } = process;
  const escapes = [];
  const attacks = JSON.parse(fs.readFileSync(env.ATTACKS, 'utf8'));
  for (const { name, node } of attacks) {
    const words = {
      ...{ call, cstring, address, reaches, reachesByUdp, env, fs, cp, require },
      ...{ HOST: Number(env.HOST), HOST_GROUP: Number(env.HOST_GROUP), HANDS: Number(env.HANDS), SELF: process.pid },
      ...{ OUTSIDE: env.OUTSIDE, TCP: Number(env.TCP), TCP_ALL: Number(env.TCP_ALL), UDP: Number(env.UDP) },
      ...{ ADDRESS: env.ADDRESS, ABSTRACT: env.ABSTRACT, SHM_KEY: Number(env.SHM_KEY) },
      escaped: () => escapes.push(name),
    };
    const attack = new Function(...Object.keys(words), `return (async () => { ${node} })()`);
    await attack(...Object.values(words)).catch(() => {});
  }
  process.stdout.write(`${JSON.stringify({ ran: attacks.length, escapes })}\n`);
  process.exit(0);
}

void main();
