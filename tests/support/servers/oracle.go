// The oracle answers, one JSON line for one JSON line, what Go's x/mod/sumdb thinks of a proof, a note or a tile.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oracle/sumdb/note"
	"oracle/sumdb/tlog"
)

type question struct {
	Op        string
	First     int64
	Size      int64
	Index     int64
	Root      []byte
	FirstRoot []byte
	Leaf      []byte
	Leaves    [][]byte
	Proof     [][]byte
	Note      []byte
	Keys      []string
	Text      string
	Folder    string
}

type answer struct {
	Error  string
	Root   []byte
	Proof  [][]byte
	Note   []byte
	Text   string
	Names  []string
	Hashes [][]byte
}

func hash(raw []byte) (h tlog.Hash, err error) {
	if len(raw) != tlog.HashSize {
		return h, fmt.Errorf("a hash of %d bytes", len(raw))
	}
	copy(h[:], raw)
	return h, nil
}

func hashes(raw [][]byte) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(raw))
	for i, each := range raw {
		h, err := hash(each)
		if err != nil {
			return nil, err
		}
		list[i] = h
	}
	return list, nil
}

func raw(list []tlog.Hash) [][]byte {
	bytes := make([][]byte, len(list))
	for i := range list {
		bytes[i] = list[i][:]
	}
	return bytes
}

// memory is a tree that Go has grown itself.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		list[i] = m[index]
	}
	return list, nil
}

func grow(leaves [][]byte) (memory, error) {
	var tree memory
	for i, leaf := range leaves {
		stored, err := tlog.StoredHashes(int64(i), leaf, tree)
		if err != nil {
			return nil, err
		}
		tree = append(tree, stored...)
	}
	return tree, nil
}

// folder reads tiles of 256 hashes as C2SP tlog-tiles lays them out: Go's paths without the height.
type folder string

func (f folder) Height() int                         { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		content, err := os.ReadFile(filepath.Join(string(f), path(tile)))
		if err != nil {
			return nil, err
		}
		contents[i] = content
	}
	return contents, nil
}

func path(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func reader(q question) (tlog.HashReader, int64, tlog.Hash, error) {
	if q.Folder == "" {
		tree, err := grow(q.Leaves)
		if err != nil {
			return nil, 0, tlog.Hash{}, err
		}
		root, err := tlog.TreeHash(int64(len(q.Leaves)), tree)
		return tree, int64(len(q.Leaves)), root, err
	}
	root, err := hash(q.Root)
	return tlog.TileHashReader(tlog.Tree{N: q.Size, Hash: root}, folder(q.Folder)), q.Size, root, err
}

func checkRecord(q question) error {
	proof, err := hashes(q.Proof)
	if err != nil {
		return err
	}
	root, err := hash(q.Root)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, q.Size, root, q.Index, tlog.RecordHash(q.Leaf))
}

func checkTree(q question) error {
	proof, err := hashes(q.Proof)
	if err != nil {
		return err
	}
	root, err := hash(q.Root)
	if err != nil {
		return err
	}
	first, err := hash(q.FirstRoot)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, q.Size, root, q.First, first)
}

func open(q question, a *answer) error {
	var known []note.Verifier
	for _, key := range q.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return err
		}
		known = append(known, verifier)
	}
	opened, err := note.Open(q.Note, note.VerifierList(known...))
	if err != nil {
		return err
	}
	a.Text = opened.Text
	for _, signature := range opened.Sigs {
		a.Names = append(a.Names, signature.Name)
	}
	return nil
}

func sign(q question, a *answer) error {
	var signers []note.Signer
	for _, key := range q.Keys {
		signer, err := note.NewSigner(key)
		if err != nil {
			return err
		}
		signers = append(signers, signer)
	}
	signed, err := note.Sign(&note.Note{Text: q.Text}, signers...)
	a.Note = signed
	return err
}

func prove(q question, a *answer) error {
	from, size, root, err := reader(q)
	if err != nil {
		return err
	}
	a.Root = root[:]
	var proof []tlog.Hash
	switch q.Op {
	case "prove-record":
		proof, err = tlog.ProveRecord(size, q.Index, from)
	case "prove-tree":
		proof, err = tlog.ProveTree(size, q.First, from)
	case "leaf-hashes":
		indexes := make([]int64, size)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, int64(i))
		}
		var found []tlog.Hash
		found, err = from.ReadHashes(indexes)
		a.Hashes = raw(found)
	}
	a.Proof = raw(proof)
	return err
}

func respond(q question) (a answer) {
	var err error
	defer func() {
		if fault := recover(); fault != nil {
			a = answer{Error: fmt.Sprint("panic: ", fault)}
		}
	}()
	switch q.Op {
	case "check-record":
		err = checkRecord(q)
	case "check-tree":
		err = checkTree(q)
	case "prove-record", "prove-tree", "leaf-hashes", "root":
		err = prove(q, &a)
	case "new-tiles":
		for _, tile := range tlog.NewTiles(8, q.First, q.Size) {
			a.Names = append(a.Names, path(tile))
		}
	case "open":
		err = open(q, &a)
	case "sign":
		err = sign(q, &a)
	case "key":
		var secret, public string
		secret, public, err = note.GenerateKey(rand.Reader, q.Text)
		a.Names = []string{secret, public}
	default:
		err = fmt.Errorf("no such question: %q", q.Op)
	}
	if err != nil {
		a = answer{Error: err.Error()}
	}
	return a
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			out.Encode(answer{Error: err.Error()})
			continue
		}
		out.Encode(respond(q))
	}
}
