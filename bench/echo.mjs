// Sends back whatever it hears, as an agent process or as a bare child.
process.on('message', (message) => process.send(message));
process.on('disconnect', () => process.exit(0));
process.send({ type: 'hello' });
