import { shown, type Word } from '../shell/word.ts';
import type { RuleKind } from '../verdict.ts';
import type { Look, Program } from './look.ts';

/** Programs whose work lies beyond the walls: other machines, other processes, the system. */
function beyond(why: string, kind?: RuleKind): Program {
  return (args, look) => {
    look.ask('beyond', why, 'program', kind);
    for (const arg of args) look.suspect(arg);
  };
}

const other = beyond('it reaches another machine', 'network');
const system = beyond('it changes the system');

const docker: Program = (args, look) => {
  look.ask('beyond', 'a container runs outside the walls');
  look.canonical(['docker', ...args.filter((arg) => !arg.startsWith('-'))]);
  for (const arg of args) look.suspect(arg);
};

/** Signals do not leave the walls. */
const signal: Program = (args, look) => {
  if (args[0] === '-l') return;
  look.ask('contained', 'it ends processes');
  if (args.some((arg) => /^-?1$/.test(arg) && arg !== args[0])) look.ask('beyond', 'it means every process');
};

function named(names: string, program: Program): Record<string, Program> {
  return Object.fromEntries(names.split(' ').map((name) => [name, program]));
}

export const network: Record<string, Program> = {
  ...named(
    'ssh scp sftp ftp tftp telnet nc ncat netcat socat rclone mosh ping ping6 dig nslookup host whois traceroute tracepath mtr nmap tcpdump arp gh glab hub aws gcloud gsutil az kubectl helm heroku vercel netlify fly flyctl wrangler firebase supabase doctl pulumi ansible ansible-playbook vagrant twine lynx w3m elinks aria2c axel openssl gpg gpg2 pass op vault mail sendmail ngrok',
    other,
  ),
  ...named('docker podman nerdctl docker-compose buildah skopeo ctr crictl', docker),
  ...named('kill pkill killall xkill', signal),
  ...named(
    'systemctl service journalctl crontab at batch shutdown reboot halt poweroff init telinit useradd usermod userdel groupadd passwd chpasswd visudo iptables nft ufw ip ifconfig route sysctl modprobe insmod rmmod dmesg fdisk parted losetup swapon apt apt-get dpkg yum dnf rpm pacman apk zypper brew port snap flatpak nix nix-env nix-shell launchctl defaults osascript open xdg-open security pbcopy pbpaste xclip screen tmux gdb lldb ptrace setcap setfacl chattr setenforce',
    system,
  ),
  lsof: seesProcesses,
  ss: seesProcesses,
  netstat: seesProcesses,
  top: seesProcesses,
  htop: seesProcesses,
};

function seesProcesses(args: Word[], look: Look) {
  look.ask('contained', `what it shows with ${args.map(shown).join(' ') || 'no words'} is not looked into`);
  for (const arg of args) look.suspect(arg);
}
