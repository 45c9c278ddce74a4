// The same with Go's vishvananda/netlink, which makes an object of each link.
//
//	scan FILE ROUNDS   ns per message, a line for each round
//	list ROUNDS        netlink.LinkList(): ns, a line for each round
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// timed does half as many rounds again before those that count, and prints what one of `per` took in each of these.
func timed(rounds int, round func() (per int)) {
	warm := rounds / 2
	if warm == 0 {
		warm = 1
	}
	for i := -warm; i < rounds; i++ {
		start := time.Now()
		per := round()
		took := time.Since(start)
		if i >= 0 {
			fmt.Printf("%.3f\n", float64(took.Nanoseconds())/float64(per))
		}
	}
}

func scan(bytes []byte) (links int, sum int) {
	for len(bytes) >= unix.NLMSG_HDRLEN {
		header := unix.NlMsghdr{
			Len:   binary.LittleEndian.Uint32(bytes),
			Type:  binary.LittleEndian.Uint16(bytes[4:]),
			Flags: binary.LittleEndian.Uint16(bytes[6:]),
		}
		link, err := netlink.LinkDeserialize(&header, bytes[unix.NLMSG_HDRLEN:header.Len])
		check(err)
		attrs := link.Attrs()
		sum += attrs.Index + int(attrs.RawFlags) + len(attrs.Name)
		links++
		step := (int(header.Len) + 3) &^ 3
		if step > len(bytes) {
			break
		}
		bytes = bytes[step:]
	}
	return links, sum
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "scan" {
		bytes, err := os.ReadFile(os.Args[2])
		check(err)
		rounds, err := strconv.Atoi(os.Args[3])
		check(err)
		total := 0
		timed(rounds, func() int {
			links, sum := scan(bytes)
			total += sum
			return links
		})
		fmt.Fprintln(os.Stderr, "checksum", total)
	} else if len(os.Args) == 3 && os.Args[1] == "list" {
		rounds, err := strconv.Atoi(os.Args[2])
		check(err)
		timed(rounds, func() int {
			_, err := netlink.LinkList()
			check(err)
			return 1
		})
	} else {
		fmt.Fprintln(os.Stderr, "scan FILE ROUNDS | list ROUNDS")
		os.Exit(2)
	}
}
