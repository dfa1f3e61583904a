package check

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kinds are those that the manifests use.
var kinds = map[string]func() any{
	"apps/v1/StatefulSet":                func() any { return new(appsv1.StatefulSet) },
	"v1/Service":                         func() any { return new(corev1.Service) },
	"v1/ConfigMap":                       func() any { return new(corev1.ConfigMap) },
	"policy/v1/PodDisruptionBudget":      func() any { return new(policyv1.PodDisruptionBudget) },
	"networking.k8s.io/v1/NetworkPolicy": func() any { return new(networkingv1.NetworkPolicy) },
}

func TestManifestsAreWhatKubernetesReads(t *testing.T) {
	files, err := filepath.Glob("../kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("manifests %v, %v", files, err)
	}
	found := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part, err := range documents(data) {
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			var meta metav1.TypeMeta
			if err := yaml.Unmarshal(part, &meta); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			name := meta.APIVersion + "/" + meta.Kind
			make, ok := kinds[name]
			if !ok {
				t.Errorf("%s: nobody checks a %s", file, name)
				continue
			}
			into := make()
			if err := yaml.UnmarshalStrict(part, into); err != nil {
				t.Errorf("%s: %s: %v", file, name, err)
			}
			found[name]++
			if set, ok := into.(*appsv1.StatefulSet); ok {
				checkSet(t, set)
			}
		}
	}
	for name := range kinds {
		if found[name] == 0 {
			t.Errorf("there is no %s", name)
		}
	}
}

func documents(data []byte) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		reader := kyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(data)))
		defer reader.Close()
		buffer := make([]byte, len(data)+1)
		for {
			n, err := reader.Read(buffer)
			if err == io.EOF || !yield(bytes.Clone(buffer[:n]), err) || err != nil {
				return
			}
		}
	}
}

// checkSet is what types do not say: that names refer to something.
func checkSet(t *testing.T, set *appsv1.StatefulSet) {
	t.Helper()
	pod := set.Spec.Template
	for key, value := range set.Spec.Selector.MatchLabels {
		if pod.Labels[key] != value {
			t.Errorf("the selector wants %s=%s, and pods have %q", key, value, pod.Labels[key])
		}
	}
	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, c := range set.Spec.VolumeClaimTemplates {
		volumes[c.Name] = true
	}
	c := pod.Spec.Containers[0]
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("there is no volume %s", m.Name)
		}
	}
	for what, p := range map[string]*corev1.Probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
		if p == nil || p.HTTPGet == nil || p.HTTPGet.Port.String() != "http" {
			t.Errorf("the %s probe is %v", what, p)
		}
	}
	if set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement {
		t.Error("machines that wait for each other must start side by side")
	}
}

func TestTheComposeFileIsWhatComposeReads(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../compose.yaml"}, cli.WithInterpolation(true),
		cli.WithEnv([]string{"JIRA_TOKEN=t", "BOT_WEBHOOK_SECRET=w", "CLUSTER_SECRET=c"}))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if names := strings.Join(project.ServiceNames(), " "); names != "bot-1 bot-2 bot-3" {
		t.Errorf("services %s", names)
	}
	for name, s := range project.Services {
		if node := s.Environment["BOT_CLUSTER_NODE"]; node == nil || *node != name {
			t.Errorf("%s calls itself %v", name, node)
		}
	}
}
